namespace HeliosEdge.Data.Postgres;

/// <summary>How values of a type go to JSON.</summary>
/// <param name="Form">What they become.</param>
/// <param name="Element">What an array is of; null for all else.</param>
/// <param name="Delimiter">What is between the elements of an array.</param>
internal sealed record PostgresType(PostgresForm Form, PostgresType? Element = null, char Delimiter = ',')
{
    public static readonly PostgresType Text = new(PostgresForm.Text);

    public static PostgresType ArrayOf(PostgresType element, char delimiter = ',') => new(PostgresForm.Array, element, delimiter);
}
