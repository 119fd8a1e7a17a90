using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>What belongs to a pipeline in the server, by names that tell whose it is.</summary>
internal static class PipelineNames
{
    /// <summary>What the sessions of pipelines are called; a slot that another application has is somebody else's.</summary>
    public const string Application = "HeliosEdge pipeline";

    /// <summary>Characters of a pipeline's own name that are shown in that of its slot; the server has 63 for all of it.</summary>
    private const int MaxShown = 38;

    /// <summary>The name of the slot and of the publication. Slots are shared by all databases of a server.</summary>
    public static string SlotOf(string database, string region, string name)
    {
        var shown = new string([.. name.ToLowerInvariant().Take(MaxShown).Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_')]);
        return $"helios_{shown}_{Convert.ToHexStringLower(Hash(database, region, name).AsSpan(0, 8))}";
    }

    /// <summary>The number of the lock that a silo holds for as long as it has the pipeline.</summary>
    public static long LockOf(string region, string name) => BinaryPrimitives.ReadInt64BigEndian(Hash("lock", region, name));

    /// <summary>A position for people: <c>0/16B3748</c> for all of a transaction, <c>0/16B3748:500</c> for what begins it.</summary>
    public static string TextOf(Sandbox.HostServices.Sql.Changes.ChangePosition position)
    {
        var lsn = LsnOf(position.Commit);
        return position.Index == long.MaxValue ? lsn : $"{lsn}:{position.Index}";
    }

    /// <summary>A place in the log as the server writes it.</summary>
    public static string LsnOf(long lsn) => $"{(ulong)lsn >> 32:X}/{(uint)lsn:X}";

    /// <summary>Reads what <see cref="TextOf"/> writes; null for anything else.</summary>
    public static Sandbox.HostServices.Sql.Changes.ChangePosition? Parse(string text)
    {
        var parts = text.Split(':');
        var index = long.MaxValue;
        if (parts.Length > 2 || (parts.Length == 2 && !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index)))
        {
            return null;
        }

        var halves = parts[0].Split('/');
        return halves.Length == 2
            && uint.TryParse(halves[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            && uint.TryParse(halves[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            && high <= int.MaxValue
            ? new((long)((ulong)high << 32 | low), index)
            : null;
    }

    private static byte[] Hash(params string[] parts) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts)));
}
