namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>The words for states of pipelines, as databases keep them and people read them.</summary>
public static class PipelineStates
{
    /// <summary>The word for a state.</summary>
    public static string Word(PipelineState state) => state.ToString().ToLowerInvariant();

    /// <summary>The state of a word.</summary>
    public static PipelineState Read(string word) => Enum.Parse<PipelineState>(word, ignoreCase: true);
}
