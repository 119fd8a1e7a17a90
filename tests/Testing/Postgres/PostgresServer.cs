using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Npgsql;

namespace HeliosEdge.Testing;

/// <summary>A PostgreSQL server of the tests' own, on a free port, in a temporary folder; started by the first test that wants it.</summary>
public static class PostgresServer
{
    private const string Prefix = "helios-postgres-";

    private static readonly Lazy<string> Port = new(() => Start("-c wal_level=logical -c max_replication_slots=200 -c max_wal_senders=200"));
    private static readonly Lazy<X509Certificate2> EncryptedAuthority = new(() => Certificates.Authority("postgres"));
    private static readonly Lazy<string> EncryptedPort = new(() => Start("-c wal_level=replica", EncryptedAuthority.Value));
    private static readonly string? Folder = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
        : null;

    private static int _databases;

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped => Folder is null ? "PostgreSQL is not installed in /usr/lib/postgresql." : null;

    /// <summary>The address of a new, empty database.</summary>
    public static Task<string> NewDatabaseAsync() => CreateAsync("");

    /// <summary>A new, empty database in a folder of its own, which must be disposed before the folder goes: the server cannot do without its files.</summary>
    public static async Task<DatabaseInFolder> NewDatabaseOnAsync(string folder)
    {
        var own = Path.Combine(folder, "postgres");
        Directory.CreateDirectory(own);
        if (Environment.UserName == "root")
        {
            Run("chown", "postgres", own);
            Run("chmod", "755", folder);
        }

        var space = $"space{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE TABLESPACE {space} LOCATION '{own}'");
        return new DatabaseInFolder(await CreateAsync($"TABLESPACE {space}"), space);
    }

    /// <summary>A database in a folder of its own.</summary>
    public sealed class DatabaseInFolder(string address, string space) : IAsyncDisposable
    {
        public string Address => address;

        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync($"DROP DATABASE {address[(address.LastIndexOf('/') + 1)..]} WITH (FORCE)");
            await ExecuteAsync($"DROP TABLESPACE {space}");
        }
    }

    /// <summary>The address of a new, empty database, for a role that owns it and is no superuser.</summary>
    /// <param name="replicates">Whether the role may replicate.</param>
    public static async Task<string> NewOwnedDatabaseAsync(bool replicates = false)
    {
        var address = new UriBuilder(await CreateAsync(""));
        var name = address.Path.TrimStart('/');
        await ExecuteAsync($"CREATE ROLE {name}_owner LOGIN {(replicates ? "REPLICATION" : "")}");
        await ExecuteAsync($"ALTER DATABASE {name} OWNER TO {name}_owner");
        address.UserName = $"{name}_owner";
        return address.Uri.ToString();
    }

    /// <summary>
    /// The address of a new, empty database as of <see cref="NewOwnedDatabaseAsync"/>, on another server: it takes TLS, and its log has not what changes could
    /// be captured from.
    /// </summary>
    /// <param name="authorityFile">Gets the certificate of who signed the server's.</param>
    public static async Task<string> NewEncryptedDatabaseAsync(string authorityFile)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        var port = EncryptedPort.Value;
        Certificates.Write(EncryptedAuthority.Value, authorityFile);
        await ExecuteAsync($"CREATE ROLE {name}_owner LOGIN REPLICATION", port);
        await ExecuteAsync($"CREATE DATABASE {name} OWNER {name}_owner", port);
        return $"postgres://{name}_owner:secret@127.0.0.1:{port}/{name}";
    }

    private static async Task<string> CreateAsync(string where)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync($"CREATE DATABASE {name} {where}");
        return $"postgres://helios:secret@127.0.0.1:{Port.Value}/{name}";
    }

    private static Task ExecuteAsync(string sql) => ExecuteAsync(sql, Port.Value);

    private static async Task ExecuteAsync(string sql, string port)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Username=helios;Database=postgres;Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Start(string options, X509Certificate2? authority = null)
    {
        RemoveStale();
        var data = Directory.CreateTempSubdirectory(Prefix).FullName;
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        if (authority is not null)
        {
            var certificates = Path.Combine(data, "tls");
            Directory.CreateDirectory(certificates);
            Certificates.Write(Certificates.Server(authority), Path.Combine(certificates, "server.crt"), Path.Combine(certificates, "server.key"));
            Run("chmod", "600", Path.Combine(certificates, "server.key"));
            options += $" -c ssl=on -c ssl_cert_file={certificates}/server.crt -c ssl_key_file={certificates}/server.key";
        }

        // The server refuses to run as root, and to be made where something is.
        var files = Path.Combine(data, "files");
        Directory.CreateDirectory(files);
        if (Environment.UserName == "root")
        {
            Run("chown", "-R", "postgres", data);
        }

        RunAsUser("initdb", "-D", files, "-U", "helios", "-A", "trust", "-E", "UTF8", "--no-locale", "-N");
        RunAsUser("pg_ctl", "-D", files, "-w", "-l", Path.Combine(data, "log"), "-o", $"-p {port} -h 127.0.0.1 -k {data} -c fsync=off -c max_connections=600 {options}", "start");
        StopAfterThisProcess(data);
        return port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A test host may be ended without a word; a shell that outlives it stops the server and removes its folder.</summary>
    private static void StopAfterThisProcess(string data)
    {
        var script = $"while kill -0 {Environment.ProcessId}; do sleep 1; done; kill -QUIT $(head -n 1 '{data}/files/postmaster.pid'); sleep 2; rm -rf '{data}'";
        Run("sh", "-c", $"setsid sh -c \"{script.Replace("$", "\\$", StringComparison.Ordinal)}\" > /dev/null 2>&1 < /dev/null &");
    }

    private static void RemoveStale()
    {
        foreach (var folder in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            // One without the file may be another run's that is just being made.
            var file = new FileInfo(Path.Combine(folder, "files", "postmaster.pid"));
            var isOld = Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow - TimeSpan.FromMinutes(10);
            var runs = file.Exists && Directory.Exists($"/proc/{File.ReadLines(file.FullName).First()}");
            if (isOld && !runs)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static void RunAsUser(string program, params string[] arguments)
    {
        var path = Path.Combine(Folder!, program);
        if (Environment.UserName == "root")
        {
            Run("runuser", ["-u", "postgres", "--", path, .. arguments]);
        }
        else
        {
            Run(path, arguments);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        // Nothing is redirected: a server that goes on running would hold the pipes open.
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = "/" })!;
        if (!process.WaitForExit(TimeSpan.FromSeconds(120)) || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {(process.HasExited ? $"ended with {process.ExitCode}" : "did not end")}.");
        }
    }
}
