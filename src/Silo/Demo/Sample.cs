using System.Globalization;
using System.Text;

namespace HeliosEdge.Silo.Demo;

/// <summary>A sample function and what the demonstration calls it with.</summary>
/// <param name="Name">Its name, which is also that of its module's file.</param>
/// <param name="Payload">What it is called with.</param>
/// <param name="Command">The same for somebody to try: a shell command, with {0} where the address goes.</param>
internal sealed record Sample(string Name, byte[] Payload, string Command)
{
    private const int ImageWidth = 320;
    private const int ImageHeight = 200;

    public static IReadOnlyList<Sample> All { get; } =
    [
        FromText("echo", "Hello, edge!"),
        FromText("wordcount", "the quick brown fox jumps over the lazy dog"),
        new Sample("thumbnail", Gradient(), "(printf 'P6\\n320 200\\n255\\n'; head -c 192000 /dev/urandom) | curl '{0}' --data-binary @- -o thumbnail.ppm"),
        FromText("greet", "Ada, Grace"),
        FromText("checksum", "The quick brown fox jumps over the lazy dog"),
    ];

    private static Sample FromText(string name, string text) => new(name, Encoding.UTF8.GetBytes(text), $"curl '{{0}}' -d '{text}'");

    /// <summary>A picture as binary PPM: red grows to the right, green downwards.</summary>
    private static byte[] Gradient()
    {
        var header = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P6\n{ImageWidth} {ImageHeight}\n255\n"));
        var picture = new byte[header.Length + (ImageWidth * ImageHeight * 3)];
        header.CopyTo(picture, 0);
        var pixel = picture.AsSpan(header.Length);
        for (var y = 0; y < ImageHeight; y++)
        {
            for (var x = 0; x < ImageWidth; x++)
            {
                pixel[0] = (byte)(x * 255 / (ImageWidth - 1));
                pixel[1] = (byte)(y * 255 / (ImageHeight - 1));
                pixel[2] = 128;
                pixel = pixel[3..];
            }
        }

        return picture;
    }
}
