namespace HeliosEdge.Sandbox.Security;

/// <summary>What a guest may do beyond computing. Its name in a registration is in <see cref="CapabilityNames"/>.</summary>
[Flags]
public enum Capability
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><c>log</c>: write to the function's log.</summary>
    Log = 1 << 0,

    /// <summary><c>clock</c>: read the time.</summary>
    Clock = 1 << 1,

    /// <summary><c>random</c>: get random bytes.</summary>
    Random = 1 << 2,

    /// <summary><c>env</c>: read the registration's settings.</summary>
    Env = 1 << 3,

    /// <summary><c>kv.read</c>: read the function's keys.</summary>
    KvRead = 1 << 4,

    /// <summary><c>kv.write</c>: write the function's keys.</summary>
    KvWrite = 1 << 5,

    /// <summary><c>db.query</c>: read the region's database <c>main</c>.</summary>
    DbQuery = 1 << 6,

    /// <summary><c>db.execute</c>: change the region's database <c>main</c>.</summary>
    DbExecute = 1 << 7,

    /// <summary><c>http.outbound</c>: send HTTP requests.</summary>
    HttpOutbound = 1 << 8,

    /// <summary><c>fs.read</c>: read the files attached to the registration.</summary>
    FsRead = 1 << 9,

    /// <summary><c>proc.call</c>: call procedures.</summary>
    ProcCall = 1 << 12,

    /// <summary>Reading some database, <c>db.query</c> or <c>db.query:NAME</c>: follows from those, and is never granted by itself.</summary>
    QuerySome = 1 << 10,

    /// <summary>Changing some database, <c>db.execute</c> or <c>db.execute:NAME</c>: follows from those, and is never granted by itself.</summary>
    ExecuteSome = 1 << 11,
}
