namespace HeliosEdge.Sandbox.Wasi.Files.Host;

/// <summary>Error numbers of Linux as those of WASI.</summary>
internal static class HostErrors
{
    public static Errno Translate(int error) => error switch
    {
        1 => Errno.NotPermitted,
        2 => Errno.NoEntry,
        4 => Errno.Interrupted,
        5 => Errno.InputOutput,
        6 => Errno.NoSuchDevice,
        9 => Errno.BadDescriptor,
        11 => Errno.Again,
        12 => Errno.NoMemory,
        13 => Errno.Access,
        16 => Errno.Busy,
        17 => Errno.Exists,
        18 => Errno.CrossDevice,
        19 => Errno.NoDevice,
        20 => Errno.NotDirectory,
        21 => Errno.IsDirectory,
        22 => Errno.Invalid,
        23 => Errno.TooManyFiles,
        24 => Errno.TooManyDescriptors,
        25 => Errno.NotTerminal,
        26 => Errno.TextBusy,
        27 => Errno.FileTooLarge,
        28 => Errno.NoSpace,
        29 => Errno.NotSeekable,
        30 => Errno.ReadOnly,
        31 => Errno.TooManyLinks,
        32 => Errno.BrokenPipe,
        36 => Errno.NameTooLong,
        39 => Errno.NotEmpty,
        40 => Errno.Loop,
        75 => Errno.Overflow,
        84 => Errno.IllegalSequence,
        95 => Errno.NotSupported,
        116 => Errno.Stale,
        122 => Errno.Quota,
        _ => Errno.InputOutput,
    };
}
