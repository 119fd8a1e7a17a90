namespace HeliosEdge.Grains.ContractTests;

/// <summary>The times of a grain host that tests set; a test should not wait for those of production.</summary>
/// <param name="CallTimeout">How long a caller waits where the method does not say.</param>
/// <param name="IdleAge">How long an activation stays without requests.</param>
public sealed record HostTimes(TimeSpan CallTimeout, TimeSpan IdleAge)
{
    public static HostTimes Patient { get; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromMinutes(15));

    public static HostTimes Impatient { get; } = Patient with { CallTimeout = TimeSpan.FromSeconds(2) };

    public static HostTimes Forgetful { get; } = Patient with { IdleAge = TimeSpan.FromSeconds(2) };
}
