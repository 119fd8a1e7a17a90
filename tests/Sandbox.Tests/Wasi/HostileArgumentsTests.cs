using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi;
using HeliosEdge.Sandbox.Wasi.Functions;

namespace HeliosEdge.Sandbox.Tests.Wasi;

/// <summary>Calls that no compiler makes.</summary>
public sealed class HostileArgumentsTests
{
    private const int MemoryBytes = 65_536;
    private const long BadDescriptor = 8;
    private const long Fault = 21;
    private const long NotSupported = 58;

    private static readonly Dictionary<string, HostFunction> Functions =
        Preview1.Functions(state => (WasiProcess)state!).ToDictionary(function => function.Name);

    [Fact]
    public void EveryFunctionOfPreview1IsThere()
    {
        Functions.Count.ShouldBe(46);
        Functions["path_open"].Type.ShouldBe("(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> (i32)");
        Functions["proc_exit"].Type.ShouldBe("(i32) -> ()");
    }

    [Theory]
    [InlineData("args_sizes_get 0 65533")]
    [InlineData("args_sizes_get -4 0")]
    [InlineData("args_get 0 -1")]
    [InlineData("clock_time_get 1 0 65529")]
    [InlineData("random_get 65527 10")]
    [InlineData("random_get 16 -1")]
    [InlineData("fd_read 0 -8 1 0")]
    [InlineData("fd_read 0 0 536870912 0")]
    [InlineData("fd_write 1 0 1 65534")]
    [InlineData("fd_prestat_get 3 65532")]
    [InlineData("path_create_directory 3 65535 2")]
    [InlineData("path_filestat_get 3 0 -1 -1 0")]
    [InlineData("poll_oneoff 0 65505 1 0")]
    [InlineData("poll_oneoff 65489 0 1 0")]
    public void APointerThatLeadsOutOfMemoryIsAFault(string call)
    {
        using var guest = new Guest();
        var (function, arguments) = Parse(call);
        guest.Call(function, arguments).ShouldBe(Fault);
        guest.Bytes.ShouldAllBe(value => value == 0, "nothing is written by a call that fails");
    }

    [Theory]
    [InlineData("sock_accept 0 0 0")]
    [InlineData("sock_recv 0 0 0 0 0 0")]
    [InlineData("sock_send 1 0 0 0 0")]
    public void SocketsAreNotSupported(string call)
    {
        using var guest = new Guest();
        var (function, arguments) = Parse(call);
        guest.Call(function, arguments).ShouldBe(NotSupported);
        arguments[0] = 77;
        guest.Call(function, arguments).ShouldBe(BadDescriptor);
    }

    [Fact]
    public void ManyVectorsOverTheSameBytesAreCutToAShortWrite()
    {
        using var guest = new Guest();
        for (var i = 0; i < 8_000; i++)
        {
            BitConverter.TryWriteBytes(guest.Bytes.AsSpan((8 * i) + 4), MemoryBytes);
        }

        guest.Call("fd_write", 1, 0, 8_000, 64_004).ShouldBe(0);
        BitConverter.ToInt32(guest.Bytes, 64_004).ShouldBe(64 << 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void WhateverIsCalledTheHostLivesOn(int seed)
    {
        var random = new Random(seed);
        long[] edges = [0, 1, 2, 3, 4, 5, 8, 16, 48, 255, 4_096, MemoryBytes - 8, MemoryBytes - 1, MemoryBytes, int.MaxValue, int.MinValue, -1, -8, long.MaxValue, long.MinValue];
        var functions = Functions.Values.Where(function => function.Name != "proc_exit").ToArray();
        for (var round = 0; round < 40; round++)
        {
            using var guest = new Guest();
            random.NextBytes(guest.Bytes.AsSpan(0, 4_096));
            "a/../b\0/c/./d"u8.CopyTo(guest.Bytes);
            for (var call = 0; call < 250; call++)
            {
                var function = functions[random.Next(functions.Length)];
                var arguments = function.Parameters
                    .Select(kind => random.Next(4) == 0 ? random.Next(64) : edges[random.Next(edges.Length)] is var edge && kind == HostValueKind.I32 ? (int)edge : edge)
                    .ToArray();
                try
                {
                    guest.Call(function.Name, arguments).ShouldBeInRange(0, 76, function.Name);
                }
                catch (TimeoutException)
                {
                    // A poll for a clock that is far away, ended by the deadline: what it is there for.
                    break;
                }
            }
        }
    }

    private static (string Function, long[] Arguments) Parse(string call)
    {
        var words = call.Split(' ');
        return (words[0], [.. words.Skip(1).Select(long.Parse)]);
    }

    private sealed class Guest : IHostCaller, IDisposable
    {
        private readonly WasiProcess _process = new(new WasiOptions
        {
            Arguments = ["guest", "argument"],
            Environment = [new("NAME", "value")],
            MemoryFileSystemBytes = 1 << 20,
            Deadline = TimeSpan.FromMilliseconds(400),
        });

        public byte[] Bytes { get; } = new byte[MemoryBytes];

        public object? State => _process;

        public bool HasMemory => true;

        public long MemoryLength => Bytes.Length;

        public Span<byte> Memory(long offset, int length) => Bytes.AsSpan(checked((int)offset), length);

        public long Call(string function, params long[] arguments) => Functions[function].Callback(this, arguments);

        public bool HasFunction(string export, string type) => false;

        public int Call(string export, int argument) => throw new InvalidOperationException("The guest exports no functions.");

        public void Run(string export, int first, int second) => throw new InvalidOperationException("The guest exports no functions.");

        public void Dispose() => _process.Dispose();
    }
}
