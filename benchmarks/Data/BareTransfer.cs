using System.Data.Common;

namespace HeliosEdge.Benchmarks.Data;

/// <summary>What the guest does, without it: three prepared statements in a transaction.</summary>
internal sealed class BareTransfer : IDisposable
{
    private readonly Func<DbTransaction> _begin;
    private readonly DbCommand[] _commands;

    /// <param name="connection">The database.</param>
    /// <param name="mark">What a parameter's number is behind.</param>
    /// <param name="begin">Begins a transaction.</param>
    public BareTransfer(DbConnection connection, string mark, Func<DbTransaction> begin)
    {
        _begin = begin;
        _commands =
        [
            Command($"UPDATE accounts SET balance = balance - {mark}3 WHERE id = {mark}1 AND id <> {mark}2"),
            Command($"UPDATE accounts SET balance = balance + {mark}3 WHERE id = {mark}2 AND id <> {mark}1"),
            Command($"INSERT INTO transfers (source, target, amount) VALUES ({mark}1, {mark}2, {mark}3)"),
        ];

        DbCommand Command(string sql)
        {
            var command = connection.CreateCommand();
            command.CommandText = sql;
            for (var number = 1; number <= 3; number++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = mark == "?" ? $"?{number}" : "";
                parameter.Value = 0;
                command.Parameters.Add(parameter);
            }

            command.Prepare();
            return command;
        }
    }

    public void Run(int source, int target, int amount)
    {
        using var transaction = _begin();
        foreach (var command in _commands)
        {
            command.Transaction = transaction;
            command.Parameters[0].Value = source;
            command.Parameters[1].Value = target;
            command.Parameters[2].Value = amount;
            command.ExecuteNonQuery();
        }

        transaction.Commit();
    }

    public void Dispose() => Array.ForEach(_commands, command => command.Dispose());
}
