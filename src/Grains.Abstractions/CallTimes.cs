namespace HeliosEdge.Grains.Abstractions;

/// <summary>
/// How long those who call a grain wait for its answer. Each method has one of these, since Orleans' own default knows nothing of what a method does. Of an answer that comes in parts it is no
/// bound: while nothing comes, Orleans gives a sign of life.
/// </summary>
internal static class CallTimes
{
    /// <summary>For what a silo answers from its memory.</summary>
    public const string Memory = "00:00:10";

    /// <summary>For what is stored or found in the silo's database, which gives up on a connection after 15 s and on a command after 30 s.</summary>
    public const string Store = "00:00:50";

    /// <summary>For what a guest or an operator's database does, which may run for a minute and wait for its turn before, and for those who wait for an end, for at most a minute.</summary>
    public const string Guest = "00:01:30";

    /// <summary>For what may have to be compiled.</summary>
    public const string Compilation = "00:02:00";
}
