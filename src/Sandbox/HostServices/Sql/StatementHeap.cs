using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// Counts what SQLite allocates for the statement that runs on the calling thread, and refuses it more than it may have. SQLite's own limit is
/// one for the process: whoever came up to it would take it from everybody else. SQLite gets its memory from here, and this from SQLite's usual
/// allocator (<c>sqlite3_mem_methods</c>, <c>SQLITE_CONFIG_MALLOC</c>).
/// </summary>
internal static unsafe partial class StatementHeap // SAFETY: the methods keep the contract of sqlite3_mem_methods: blocks come from and go back to the allocator below.
{
    private const int ConfigMalloc = 4;
    private const int ConfigGetMalloc = 5;

    private static readonly Methods Usual;

    // SQLite copies what it is given, and calls it until the process ends.
    private static readonly Methods Counting;

    [ThreadStatic]
    private static long _used;

    [ThreadStatic]
    private static long _limit;

    static StatementHeap()
    {
        Batteries_V2.Init();

        // Arguments of variadic functions go elsewhere there than those of others, which is how this is declared.
        if (OperatingSystem.IsMacOS() && RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            return;
        }

        Methods usual;
        if (Configure(ConfigGetMalloc, &usual) != raw.SQLITE_OK)
        {
            return;
        }

        Usual = usual;
        Counting = usual with
        {
            Allocate = &Allocate,
            Free = &Free,
            Resize = &Resize,
        };
        var counting = Counting;
        IsCounted = Configure(ConfigMalloc, &counting) == raw.SQLITE_OK;
    }

    /// <summary>False where SQLite was in use before this was, or takes no allocator: only the limit of the process holds then.</summary>
    public static bool IsCounted { get; }

    /// <summary>Begins to count for the statement that this thread runs next.</summary>
    /// <param name="limit">Bytes that it may have more than there were before.</param>
    public static void Begin(long limit) => (_used, _limit) = (0, limit);

    /// <summary>Ends that.</summary>
    public static void End() => _limit = 0;

    // SAFETY: called by SQLite alone; what comes back is a block of the usual allocator, or null, which SQLite reports as SQLITE_NOMEM.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Allocate(int size)
    {
        if (_limit == 0)
        {
            return Usual.Allocate(size);
        }

        if (_used + size > _limit)
        {
            return null;
        }

        var block = Usual.Allocate(size);
        if (block is not null)
        {
            _used += Usual.Size(block);
        }

        return block;
    }

    // SAFETY: called by SQLite alone, with a block that it had from Allocate or Resize.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* block)
    {
        if (_limit != 0 && block is not null)
        {
            _used -= Usual.Size(block);
        }

        Usual.Free(block);
    }

    // SAFETY: called by SQLite alone, with a block that it had from Allocate or Resize; where null comes back the block stays as it was.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void* Resize(void* block, int size)
    {
        if (_limit == 0)
        {
            return Usual.Resize(block, size);
        }

        var before = Usual.Size(block);
        if (_used + size - before > _limit)
        {
            return null;
        }

        var other = Usual.Resize(block, size);
        if (other is not null)
        {
            _used += Usual.Size(other) - before;
        }

        return other;
    }

    // SAFETY: sqlite3_config reads or writes one Methods; it takes it as its only variadic argument, which these ABIs pass like any other pointer.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_config")]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    private static partial int Configure(int option, Methods* methods);

    /// <summary><c>sqlite3_mem_methods</c>.</summary>
    // SAFETY: the members are those of the C struct, in its order.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Methods
    {
        public delegate* unmanaged[Cdecl]<int, void*> Allocate;
        public delegate* unmanaged[Cdecl]<void*, void> Free;
        public delegate* unmanaged[Cdecl]<void*, int, void*> Resize;
        public delegate* unmanaged[Cdecl]<void*, int> Size;
        public delegate* unmanaged[Cdecl]<int, int> RoundUp;
        public delegate* unmanaged[Cdecl]<void*, int> Initialize;
        public delegate* unmanaged[Cdecl]<void*, void> ShutDown;
        public void* Data;
    }
}
