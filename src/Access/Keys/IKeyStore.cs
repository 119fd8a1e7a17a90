namespace HeliosEdge.Access.Keys;

/// <summary>Where keys are kept. A key that is acknowledged is on disk.</summary>
internal interface IKeyStore
{
    /// <summary>All keys that ever were, revoked and expired ones too, in the order in which they were made.</summary>
    Task<IReadOnlyList<ApiKey>> ReadAllAsync();

    /// <summary>Adds a key.</summary>
    Task AddAsync(ApiKey key);

    /// <summary>Revokes a key, in one transaction with the look at the others.</summary>
    /// <param name="id">The key.</param>
    /// <param name="now">The time.</param>
    /// <param name="keepAnAdmin">Whether to refuse if no other active key has <see cref="Scopes.Admin"/>.</param>
    Task<Revocation> RevokeAsync(string id, DateTimeOffset now, bool keepAnAdmin);
}

/// <summary>What became of a revocation.</summary>
internal enum Revocation
{
    /// <summary>The key is revoked, now or already before.</summary>
    Revoked,

    /// <summary>There is no such key.</summary>
    NotFound,

    /// <summary>Nobody could make keys any more.</summary>
    LastAdmin,
}
