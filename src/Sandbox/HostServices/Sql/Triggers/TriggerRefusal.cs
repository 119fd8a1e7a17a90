namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>What is said where a trigger refuses a row, whatever the database.</summary>
internal static class TriggerRefusal
{
    public static string Rejected(string trigger, string key, string reason) => $"The trigger \"{trigger}\" rejected the row {key}: {reason}";

    public static string Failed(string trigger, string key, string why) => $"The trigger \"{trigger}\" could not judge the row {key}, which is refused: {why}";
}
