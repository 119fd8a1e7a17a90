using System.Reflection;
using System.Text;
using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>
/// What grains say to each other, and to clients, as it is written down in WireContracts.txt: silos and clients of other releases say the same. A line that is there never changes; what is new
/// gets new lines.
/// </summary>
public sealed class WireContractTests
{
    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void The_contracts_are_as_they_are_written_down()
    {
        var actual = Describe();

        var path = Path.Combine(AppContext.BaseDirectory, "WireContracts.txt");
        var written = File.ReadAllText(path).ReplaceLineEndings("\n");

        actual.ShouldBe(written, $"WireContracts.txt should have:\n{actual}");
    }

    [Fact]
    public void Every_message_and_every_method_has_a_name_on_the_wire_that_does_not_come_from_the_code()
    {
        foreach (var type in Contracts())
        {
            type.GetCustomAttribute<AliasAttribute>().ShouldNotBeNull(type.FullName);
            foreach (var method in type.IsInterface ? type.GetMethods() : [])
            {
                method.GetCustomAttribute<AliasAttribute>().ShouldNotBeNull($"{type.FullName}.{method.Name}");
            }
        }
    }

    [Fact]
    public void Every_method_says_how_long_its_callers_wait()
    {
        foreach (var method in Contracts().Where(type => type.IsInterface).SelectMany(type => type.GetMethods()))
        {
            method.GetCustomAttribute<ResponseTimeoutAttribute>().ShouldNotBeNull($"{method.DeclaringType}.{method.Name}");
        }
    }

    private static IEnumerable<Type> Contracts() => typeof(IEdgeFunctionGrain).Assembly.GetExportedTypes()
        .Where(type => type.Namespace?.StartsWith("HeliosEdge.", StringComparison.Ordinal) == true)
        .Where(type => typeof(IGrain).IsAssignableFrom(type) || type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var type in Contracts().OrderBy(type => type.GetCustomAttribute<AliasAttribute>()!.Alias, StringComparer.Ordinal))
        {
            text.Append(type.GetCustomAttribute<AliasAttribute>()!.Alias).Append('\n');
            foreach (var line in type.IsInterface ? Methods(type) : type.IsEnum ? Values(type) : Members(type))
            {
                text.Append("  ").Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    private static IEnumerable<string> Methods(Type type) => type.GetMethods()
        .Select(method =>
            $"{method.GetCustomAttribute<AliasAttribute>()!.Alias}({string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)))}) -> {Name(method.ReturnType)}")
        .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Values(Type type) => Enum.GetValues(type).Cast<object>().Select(value => $"{(int)value} {value}");

    private static IEnumerable<string> Members(Type type) => type.GetProperties()
        .Select(property => (Property: property, Id: property.GetCustomAttribute<IdAttribute>()?.Id))
        .Where(member => member.Id is not null)
        .OrderBy(member => member.Id)
        .Select(member => $"{member.Id} {member.Property.Name}: {Name(member.Property.PropertyType)}{(IsNullableReference(member.Property) ? "?" : "")}");

    private static bool IsNullableReference(PropertyInfo property) =>
        !property.PropertyType.IsValueType && Nullability.Create(property).ReadState == NullabilityState.Nullable;

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? $"{Name(inner)}?"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
