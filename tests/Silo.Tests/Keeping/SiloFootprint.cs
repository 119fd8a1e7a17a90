using System.Globalization;
using System.Text;

namespace HeliosEdge.Silo.Tests.Keeping;

/// <summary>What a process has, as the system tells.</summary>
/// <param name="Mappings">Mappings of memory.</param>
/// <param name="Descriptors">Open files.</param>
/// <param name="Threads">Threads.</param>
/// <param name="ResidentKiB">Resident memory.</param>
internal sealed record SiloFootprint(int Mappings, int Descriptors, int Threads, long ResidentKiB)
{
    public static SiloFootprint Of(int process)
    {
        var status = File.ReadLines($"/proc/{process}/status").Select(line => line.Split(':', 2)).ToDictionary(line => line[0], line => line[1].Trim());
        return new SiloFootprint(
            File.ReadLines($"/proc/{process}/maps").Count(),
            Directory.EnumerateFiles($"/proc/{process}/fd").Count(),
            int.Parse(status["Threads"], CultureInfo.InvariantCulture),
            long.Parse(status["VmRSS"].Split(' ')[0], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether this is no more than another but for a twentieth, a few of each that come and go, and of memory a quarter, which the runtime gives back as it sees fit.</summary>
    public bool IsWithin(SiloFootprint before) =>
        Mappings <= (before.Mappings * 1.05) + 20
        && Descriptors <= (before.Descriptors * 1.05) + 5
        && Threads <= (before.Threads * 1.05) + 8
        && ResidentKiB <= before.ResidentKiB * 1.25;

    public override string ToString() =>
        new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Mappings} mappings, {Descriptors} descriptors, {Threads} threads, {ResidentKiB >> 10} MiB").ToString();
}
