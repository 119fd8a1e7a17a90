using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>What a probe grain can be told to do.</summary>
[Alias("HeliosEdge.Tests.IProbe")]
public interface IProbe : IGrainWithStringKey
{
    /// <summary>Adds up with an await between reading and writing, which loses updates if turns of other requests come in between.</summary>
    [Alias("AddCarefully")]
    Task<int> AddCarefullyAsync(int amount);

    /// <summary>Waits until <see cref="OpenAsync"/> is called on the same grain.</summary>
    [Alias("Wait")]
    Task WaitAsync();

    [Alias("Open")]
    Task OpenAsync();

    /// <summary>Waits until the test opens the gate with this name.</summary>
    [Alias("WaitForGate")]
    Task WaitForGateAsync(string gate);

    /// <summary>Enters the gate and waits until the caller takes its call back; says so by entering the gate once more.</summary>
    [Alias("WaitForCancellation")]
    Task WaitForCancellationAsync(string gate, CancellationToken cancellationToken);

    /// <summary>Detects turns that overlap; returns how many ran.</summary>
    [Alias("Turns")]
    Task<int> TurnsAsync(int turns);

    /// <summary>Whether code after an await comes back to the activation's own synchronization context, where its host has one.</summary>
    [Alias("ComesBack")]
    Task<bool> ComesBackAsync();

    [Alias("Fail")]
    Task FailAsync(string message);

    [Alias("FailLater")]
    Task<string> FailLaterAsync(string message);

    /// <summary>Refuses as the sandbox does.</summary>
    [Alias("Refuse")]
    Task RefuseAsync(string code, string message, long limit, long value, long offset, ImmutableArray<string> backtrace);

    [Alias("Who")]
    Task<string> WhoAsync();

    [Alias("Leave")]
    Task LeaveAsync();

    /// <summary>Calls the plain probe with this key, which calls this one back.</summary>
    [Alias("CallRound")]
    Task CallRoundAsync(string other);

    /// <summary>Calls another plain probe.</summary>
    [Alias("CallOn")]
    Task<string> CallOnAsync(string other);

    [Alias("Many")]
    Task<ImmutableArray<string>> ManyAsync(int a, long b, string? c, bool d, double e, ReadOnlyMemory<byte> f, Guid g, DayOfWeek h);

    /// <summary>Puts a parcel into a parcel.</summary>
    [Alias("Wrap")]
    Task<Parcel> WrapAsync(Parcel parcel);

    [Alias("WaitPatiently")]
    [ResponseTimeout("00:10:00")]
    Task WaitPatientlyAsync(string gate);
}
