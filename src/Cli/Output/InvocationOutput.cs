using System.Globalization;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Output;

/// <summary>Shows queued calls.</summary>
internal static class InvocationOutput
{
    public static void Write(InvocationInfo invocation, bool asJson)
    {
        if (asJson)
        {
            Listing.WriteJson(invocation, CliJsonContext.Default.InvocationInfo);
            return;
        }

        WriteTable([invocation]);
        if (invocation.Result is not null || invocation.ResultBase64 is not null)
        {
            Console.Out.WriteLine(Result(invocation));
        }
    }

    public static void Write(FanOutInfo fanOut, bool asJson)
    {
        if (asJson)
        {
            Listing.WriteJson(fanOut, CliJsonContext.Default.FanOutInfo);
            return;
        }

        Console.Out.WriteLine(ErrorLine.OneLine($"{fanOut.Function}: {fanOut.State}"));
        WriteTable(fanOut.Regions);
    }

    public static void WriteTable(IReadOnlyList<InvocationInfo> invocations)
    {
        var table = Listing.Table("ID", "FUNCTION", "REGION", "STATE", "ATTEMPT", "ACCEPTED", "FAULT");
        foreach (var invocation in invocations)
        {
            table.AddTextRow(
                invocation.Id.ToString("D"),
                invocation.Function,
                invocation.Region,
                invocation.State.ToString().ToLowerInvariant(),
                $"{invocation.Attempt} of {invocation.MaxAttempts}",
                invocation.CreatedAt.ToString("u", CultureInfo.InvariantCulture),
                invocation.Fault is { } fault ? $"{fault.Code}: {fault.Detail}" : "-");
        }

        Listing.Write(table);
    }

    private static string Result(InvocationInfo invocation) =>
        ErrorLine.OneLine(invocation.Result ?? $"base64:{invocation.ResultBase64}");
}
