using System.CommandLine;
using System.Text;

namespace HeliosEdge.Cli.Commands;

internal sealed class InvokeCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Option<string?> _region = RegionOption("The region that shall run it; the silo's choice otherwise.");

    private readonly Option<string?> _data = new("--data")
    {
        HelpName = "TEXT|@FILE|-",
        Description = "The payload: a text (as UTF-8), the bytes of a file after '@', or '-' for standard input. Empty otherwise.",
    };

    public InvokeCommand()
        : base("invoke", "Invokes a function and writes its response to standard output, byte for byte.")
    {
        Arguments.Add(_name);
        Options.Add(_region);
        Options.Add(_data);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios invoke greet --data Ada",
        "helios invoke thumbnail --region eu-west --data @photo.ppm > small.ppm",
        "cat book.txt | helios invoke wordcount --data -",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, EdgeClient.EdgeClient silo, CancellationToken cancellationToken)
    {
        var payload = await PayloadAsync(result.GetValue(_data), cancellationToken);
        var response = await silo.InvokeEdgeFunctionAsync(
            result.GetRequiredValue(_name), result.GetValue(_region), payload, cancellationToken);
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(response, cancellationToken);
        return 0;
    }

    private static async Task<ReadOnlyMemory<byte>> PayloadAsync(string? data, CancellationToken cancellationToken)
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
