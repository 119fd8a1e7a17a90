using System.CommandLine;
using System.Text;

namespace HeliosEdge.Cli.Commands;

/// <summary>Where a payload comes from.</summary>
internal sealed class PayloadOption : Option<string?>
{
    public PayloadOption()
        : base("--data")
    {
        HelpName = "TEXT|@FILE|-";
        Description = "The payload: a text (as UTF-8), the bytes of a file after '@', or '-' for standard input. Empty otherwise.";
    }

    public Task<ReadOnlyMemory<byte>> ReadAsync(ParseResult result, CancellationToken cancellationToken) => ReadAsync(result.GetValue(this), cancellationToken);

    /// <summary>Reads what a text of this form says.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(string? data, CancellationToken cancellationToken)
    {
        switch (data)
        {
            case null:
                return default;
            case "-":
                await using (var input = Console.OpenStandardInput())
                {
                    using var buffer = new MemoryStream();
                    await input.CopyToAsync(buffer, cancellationToken);
                    return buffer.ToArray();
                }

            default:
                return data.StartsWith('@')
                    ? await InputFile.ReadAsync(data[1..], cancellationToken)
                    : Encoding.UTF8.GetBytes(data);
        }
    }
}
