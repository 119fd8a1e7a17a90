using System.CommandLine;

namespace HeliosEdge.Cli.Commands;

/// <summary>A command whose help shows examples, the most typical one first.</summary>
internal abstract class HeliosCommand(string name, string description) : Command(name, description)
{
    public abstract IReadOnlyList<string> Examples { get; }
}
