using System.Globalization;
using Dapper;
using HeliosEdge.Settings;

namespace HeliosEdge.Storage.Postgres;

/// <summary>
/// Which silo has the SQL database of a region, where silos share their state: it is a file in one data folder, and a second one beside it would be another database under the same name.
/// </summary>
internal sealed class SqlRegionOwners(IStateDatabase database, TimeProvider clock)
{
    /// <summary>Enters this silo for the SQL databases of its regions, and takes it out for those that it no longer offers SQL in.</summary>
    /// <param name="folder">What the silo's data folder is known by.</param>
    /// <param name="place">Where that is, for whoever looks for it.</param>
    /// <param name="served">The regions that the silo serves.</param>
    /// <param name="offered">Those of them whose functions may use SQL.</param>
    /// <param name="takeOver">Whether the operator says that the folder which was entered before is gone.</param>
    /// <exception cref="SiloStartException">Another data folder is entered for one of <paramref name="served"/>.</exception>
    public async Task EnterAsync(string folder, string place, IReadOnlyCollection<string> served, IReadOnlyCollection<string> offered, bool takeOver) =>
        await database.WriteAsync(async (connection, transaction) =>
        {
            await database.EnterAsync(connection, transaction, "sql_regions").ConfigureAwait(false);
            var rows = await connection.QueryAsync<(string Region, string Folder, string Place)>(
                $"SELECT region, folder, place FROM sql_regions WHERE {database.IsAnyOf("region", "@served")} ORDER BY region",
                new { served = served.ToArray() },
                transaction).ConfigureAwait(false);
            foreach (var (region, owner, where) in rows.Where(row => row.Folder != folder))
            {
                if (!takeOver || !offered.Contains(region))
                {
                    throw new SiloStartException(
                        $"The region {region} has its SQL database in {where}, so only the silo with that data folder can serve it. Have this one serve other regions, "
                        + $"end that of --sql-regions there first, or, where that folder is gone for good, start with --sql-regions {region} --new: the region then has an empty database.");
                }
            }

            var now = clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
            foreach (var region in served)
            {
                await connection.ExecuteAsync(
                    offered.Contains(region)
                        ? """
                          INSERT INTO sql_regions (region, folder, place, entered_at) VALUES (@region, @folder, @place, @now)
                          ON CONFLICT (region) DO UPDATE SET folder = excluded.folder, place = excluded.place, entered_at = excluded.entered_at
                          """
                        : "DELETE FROM sql_regions WHERE region = @region AND folder = @folder",
                    new { region, folder, place, now },
                    transaction).ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
}
