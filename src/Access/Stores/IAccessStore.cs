using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;

namespace HeliosEdge.Access.Stores;

/// <summary>Keys and the log of changes in one place, which several processes may use at the same time.</summary>
internal interface IAccessStore : IKeyStore, IAuditLog, IAsyncDisposable
{
    /// <summary>Where it is, without a password.</summary>
    string Location { get; }
}
