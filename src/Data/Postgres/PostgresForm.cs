namespace HeliosEdge.Data.Postgres;

/// <summary>What a value of PostgreSQL becomes in JSON.</summary>
internal enum PostgresForm
{
    /// <summary>A string as the server writes it.</summary>
    Text,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A number, or a string where JSON has none for it.</summary>
    Number,

    /// <summary>The JSON that it is.</summary>
    Json,

    /// <summary>A string of Base64.</summary>
    Bytes,

    /// <summary>A string of a moment as RFC 3339 has it.</summary>
    Moment,

    /// <summary>A string of a moment without a zone.</summary>
    LocalMoment,

    /// <summary>An array.</summary>
    Array,
}
