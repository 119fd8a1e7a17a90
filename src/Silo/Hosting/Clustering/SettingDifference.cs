namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>A setting that two silos must have alike, and have not.</summary>
/// <param name="Setting">Which.</param>
/// <param name="Here">What it is on this silo.</param>
/// <param name="There">What it is on the other one.</param>
internal sealed record SettingDifference(string Setting, string Here, string There);
