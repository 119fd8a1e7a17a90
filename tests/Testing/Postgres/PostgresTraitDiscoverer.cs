using Xunit.Abstractions;
using Xunit.Sdk;

namespace HeliosEdge.Testing;

/// <summary>Puts what needs PostgreSQL into the category of that name.</summary>
public sealed class PostgresTraitDiscoverer : ITraitDiscoverer
{
    public const string Name = $"{nameof(HeliosEdge)}.{nameof(Testing)}.{nameof(PostgresTraitDiscoverer)}";
    public const string Assembly = $"{nameof(HeliosEdge)}.{nameof(Testing)}";

    public IEnumerable<KeyValuePair<string, string>> GetTraits(IAttributeInfo traitAttribute) => [new("Category", "Postgres")];
}
