using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace HeliosEdge.Storage.Watching;

/// <summary>Why a store cannot be used, whatever is asked of it.</summary>
/// <param name="Text">The reason, after "because"; anybody may read it.</param>
/// <param name="IsLasting">Whether it does not pass by itself.</param>
internal sealed record StorageFault(string Text, bool IsLasting = false)
{
    public static readonly StorageFault DiskFull = new("its disk is full");
    public static readonly StorageFault Unusable = new("its files cannot be read or written");
    private static readonly StorageFault Busy = new("another process holds it");
    private static readonly StorageFault Unreachable = new("its database cannot be reached");
    private static readonly StorageFault Silent = new("its database does not answer in time");
    private static readonly StorageFault Overloaded = new("its database has no room or connection left");
    private static readonly StorageFault Refused = new("its database refuses the silo");
    private static readonly StorageFault ReadOnly = new("its database takes no writes");
    private static readonly StorageFault Damaged = new("it is damaged", IsLasting: true);

    /// <summary>What an exception says about the store; null where it is about what was asked of it.</summary>
    public static StorageFault? Of(Exception e) => e switch
    {
        SqliteException sqlite => OfSqlite(sqlite.SqliteErrorCode),
        PostgresException postgres => OfPostgres(postgres.SqlState),
        NpgsqlException { InnerException: TimeoutException } => Silent,
        NpgsqlException or SocketException => Unreachable,
        _ => null,
    };

    private static StorageFault? OfSqlite(int code) => code switch
    {
        raw.SQLITE_FULL => DiskFull,
        raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_NOMEM => Unusable,
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => Busy,
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Damaged,
        _ => null,
    };

    private static StorageFault? OfPostgres(string state) => state switch
    {
        PostgresErrorCodes.DiskFull => DiskFull,
        PostgresErrorCodes.QueryCanceled => Silent,
        PostgresErrorCodes.ReadOnlySqlTransaction => ReadOnly,
        PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege => Refused,
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => Damaged,
        ['0', '8', ..] or ['5', '7', 'P', ..] => Unreachable,
        ['2', '8', ..] => Refused,
        ['5', '3', ..] => Overloaded,
        ['5', '8', ..] => Unusable,
        _ => null,
    };
}
