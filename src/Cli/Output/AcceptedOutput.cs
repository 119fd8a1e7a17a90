namespace HeliosEdge.Cli.Output;

/// <summary>Shows the id of what was queued.</summary>
internal static class AcceptedOutput
{
    public static void Write(Guid id, bool asJson)
    {
        if (asJson)
        {
            Listing.WriteJson(new Queued(id), CliJsonContext.Default.Queued);
        }
        else
        {
            Console.Out.WriteLine(id.ToString("D"));
        }
    }
}

/// <summary>What <c>--async --json</c> prints.</summary>
internal sealed record Queued(Guid Id);
