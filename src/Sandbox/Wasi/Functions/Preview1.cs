using System.Collections.Immutable;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>All functions of <c>wasi_snapshot_preview1</c>. Their state is a <see cref="WasiProcess"/>.</summary>
internal static class Preview1
{
    public const string ImportModule = "wasi_snapshot_preview1";

    /// <summary>What a command exports.</summary>
    public const string StartExport = "_start";

    /// <summary>A function that returns an error number; throws <see cref="WasiException"/> for all but success.</summary>
    private delegate void Call(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> arguments);

    /// <summary>The functions for the engine port; the instance's state is what <paramref name="processOf"/> finds the process in.</summary>
    public static ImmutableArray<HostFunction> Functions(Func<object?, WasiProcess> processOf)
    {
        var functions = ImmutableArray.CreateBuilder<HostFunction>();
        Add("args_get", [I32, I32], ArgumentFunctions.ArgsGet);
        Add("args_sizes_get", [I32, I32], ArgumentFunctions.ArgsSizesGet);
        Add("environ_get", [I32, I32], ArgumentFunctions.EnvironGet);
        Add("environ_sizes_get", [I32, I32], ArgumentFunctions.EnvironSizesGet);
        Add("clock_res_get", [I32, I32], ClockFunctions.ClockResGet);
        Add("clock_time_get", [I32, I64, I32], ClockFunctions.ClockTimeGet);
        Add("fd_advise", [I32, I64, I64, I32], DescriptorFunctions.FdAdvise);
        Add("fd_allocate", [I32, I64, I64], DescriptorFunctions.FdAllocate);
        Add("fd_close", [I32], DescriptorFunctions.FdClose);
        Add("fd_datasync", [I32], DescriptorFunctions.FdDatasync);
        Add("fd_fdstat_get", [I32, I32], DescriptorFunctions.FdFdstatGet);
        Add("fd_fdstat_set_flags", [I32, I32], DescriptorFunctions.FdFdstatSetFlags);
        Add("fd_fdstat_set_rights", [I32, I64, I64], DescriptorFunctions.FdFdstatSetRights);
        Add("fd_filestat_get", [I32, I32], DescriptorFunctions.FdFilestatGet);
        Add("fd_filestat_set_size", [I32, I64], DescriptorFunctions.FdFilestatSetSize);
        Add("fd_filestat_set_times", [I32, I64, I64, I32], DescriptorFunctions.FdFilestatSetTimes);
        Add("fd_pread", [I32, I32, I32, I64, I32], ReadWriteFunctions.FdPread);
        Add("fd_prestat_get", [I32, I32], DescriptorFunctions.FdPrestatGet);
        Add("fd_prestat_dir_name", [I32, I32, I32], DescriptorFunctions.FdPrestatDirName);
        Add("fd_pwrite", [I32, I32, I32, I64, I32], ReadWriteFunctions.FdPwrite);
        Add("fd_read", [I32, I32, I32, I32], ReadWriteFunctions.FdRead);
        Add("fd_readdir", [I32, I32, I32, I64, I32], DirectoryFunctions.FdReaddir);
        Add("fd_renumber", [I32, I32], DescriptorFunctions.FdRenumber);
        Add("fd_seek", [I32, I64, I32, I32], ReadWriteFunctions.FdSeek);
        Add("fd_sync", [I32], DescriptorFunctions.FdSync);
        Add("fd_tell", [I32, I32], ReadWriteFunctions.FdTell);
        Add("fd_write", [I32, I32, I32, I32], ReadWriteFunctions.FdWrite);
        Add("path_create_directory", [I32, I32, I32], PathFunctions.PathCreateDirectory);
        Add("path_filestat_get", [I32, I32, I32, I32, I32], PathFunctions.PathFilestatGet);
        Add("path_filestat_set_times", [I32, I32, I32, I32, I64, I64, I32], PathFunctions.PathFilestatSetTimes);
        Add("path_link", [I32, I32, I32, I32, I32, I32, I32], PathFunctions.PathLink);
        Add("path_open", [I32, I32, I32, I32, I32, I64, I64, I32, I32], OpenFunctions.PathOpen);
        Add("path_readlink", [I32, I32, I32, I32, I32, I32], PathFunctions.PathReadlink);
        Add("path_remove_directory", [I32, I32, I32], PathFunctions.PathRemoveDirectory);
        Add("path_rename", [I32, I32, I32, I32, I32, I32], PathFunctions.PathRename);
        Add("path_symlink", [I32, I32, I32, I32, I32], PathFunctions.PathSymlink);
        Add("path_unlink_file", [I32, I32, I32], PathFunctions.PathUnlinkFile);
        Add("poll_oneoff", [I32, I32, I32, I32], PollFunctions.PollOneoff);
        Add("proc_raise", [I32], ProcessFunctions.ProcRaise);
        Add("sched_yield", [], ProcessFunctions.SchedYield);
        Add("random_get", [I32, I32], RandomFunctions.RandomGet);
        Add("sock_accept", [I32, I32, I32], SocketFunctions.Refuse);
        Add("sock_recv", [I32, I32, I32, I32, I32, I32], SocketFunctions.Refuse);
        Add("sock_send", [I32, I32, I32, I32, I32], SocketFunctions.Refuse);
        Add("sock_shutdown", [I32, I32], SocketFunctions.SockShutdown);
        functions.Add(new HostFunction(ImportModule, "proc_exit", [I32], null, static (_, a) => throw new GuestExitException((int)a[0])));
        return functions.ToImmutable();

        void Add(string name, ImmutableArray<HostValueKind> parameters, Call call)
        {
            var needed = NeededBy(name);
            functions.Add(new HostFunction(
                ImportModule, name, parameters, I32, (caller, arguments) => Run(call, needed, processOf(caller.State), caller, arguments)));
        }
    }

    /// <summary>What a guest must be granted to import a function. Descriptors, paths and sockets reach nothing outside the invocation.</summary>
    public static Capability NeededBy(string name) => name switch
    {
        "clock_res_get" or "clock_time_get" or "poll_oneoff" => Capability.Clock,
        "random_get" => Capability.Random,
        "environ_get" or "environ_sizes_get" => Capability.Env,
        _ => Capability.None,
    };

    private static long Run(Call call, Capability needed, WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> arguments)
    {
        try
        {
            process.BeginCall(needed);
            call(process, memory, arguments);
            return (long)Errno.Success;
        }
        catch (WasiException e)
        {
            return (long)e.Errno;
        }
    }
}
