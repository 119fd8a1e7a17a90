using System.Runtime.InteropServices;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Where in its statement SQLite found the last error (<c>sqlite3_error_offset</c>).</summary>
internal static partial class SqliteErrorPosition
{
    /// <summary>The position in bytes from 1; null where the error is none of the text.</summary>
    public static int? Of(sqlite3 database) => Offset(database.DangerousGetHandle()) is >= 0 and var offset ? offset + 1 : null;

    // SAFETY: takes the handle of an open connection, which the caller uses on this thread and keeps open, and reads one number of it.
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_error_offset")]
    [UnmanagedCallConv(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static partial int Offset(nint database);
}
