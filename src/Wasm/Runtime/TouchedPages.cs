using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// Clears memory of which little was touched, without a look at the rest: Linux tells in <c>/proc/self/pagemap</c> (proc_pid_pagemap(5))
/// which pages of a mapping have something behind them. A page of private anonymous memory that has nothing reads as zero.
/// </summary>
internal static unsafe class TouchedPages // SAFETY: the range is the caller's, who has it committed from its first to its last page.
{
    /// <summary>The largest range.</summary>
    public const int MaxBytes = 4 << 20;

    // Bit 63: the page is present; bit 62: it is swapped out, or on its way from one place to another.
    private const ulong HasContent = 3UL << 62;
    private const int LeastPageBytes = 4_096;

    private static readonly SafeFileHandle? Map = Open();

    /// <summary>Has a range read as zero.</summary>
    /// <param name="start">Its first byte, the first of a page.</param>
    /// <param name="bytes">Its length, whole pages, at most <see cref="MaxBytes"/>.</param>
    /// <param name="keptBytes">How much of it may still have memory behind it afterwards.</param>
    /// <returns>False where the system does not tell; nothing has changed then.</returns>
    public static bool TryClear(byte* start, nuint bytes, int keptBytes)
    {
        var pageBytes = (nuint)Environment.SystemPageSize;
        if (Map is null || pageBytes < LeastPageBytes)
        {
            return false;
        }

        Span<ulong> pages = stackalloc ulong[MaxBytes / LeastPageBytes];
        pages = pages[..(int)(bytes / pageBytes)];
        var wanted = MemoryMarshal.AsBytes(pages);
        if (RandomAccess.Read(Map, wanted, (long)((nuint)start / pageBytes * sizeof(ulong))) != wanted.Length)
        {
            return false;
        }

        var left = keptBytes / (int)pageBytes;
        for (var i = 0; i < pages.Length; i++)
        {
            if ((pages[i] & HasContent) == 0)
            {
                continue;
            }

            var at = (nuint)i * pageBytes;
            if (left-- == 0)
            {
                return AddressSpace.TryDiscard(start + at, bytes - at);
            }

            NativeMemory.Clear(start + at, pageBytes);
        }

        return true;
    }

    private static SafeFileHandle? Open()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.OpenHandle("/proc/self/pagemap", FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not everywhere is it there, or readable; memory is then cleared in another way.
            return null;
        }
    }
}
