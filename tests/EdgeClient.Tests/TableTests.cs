using System.Net;
using System.Reflection;
using HeliosEdge.Client.Wire;
using HeliosEdge.Sandbox.Errors;
using HeliosEdge.Sandbox.Limits;
using Shouldly;
using Xunit;

namespace HeliosEdge.Client.Tests;

/// <summary>The client has no part of the sandbox in it; what both say of limits and errors is compared here.</summary>
public sealed class TableTests
{
    // What goes wrong before there is an answer, or with an answer that is none of a silo.
    private static readonly string[] OfTheClient = [EdgeConnectionException.StableCode, EdgeInvalidResponseException.StableCode];

    public static TheoryData<string> Codes => new(ErrorKind.All.Select(kind => kind.Code));

    [Fact]
    public void There_is_a_property_for_every_limit() =>
        typeof(FunctionLimits).GetProperties().Select(property => property.Name).Order()
            .ShouldBe(LimitKinds.All.Select(kind => kind.Property).Order());

    [Fact]
    public void Codes_of_exceptions_are_codes_of_silos()
    {
        var known = ErrorKind.All.Select(kind => kind.Code).Concat(OfTheClient);
        var used = typeof(EdgeException).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(EdgeException)))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(field => field.IsLiteral && field.FieldType == typeof(string)))
            .Select(field => (string)field.GetRawConstantValue()!)
            .ToList();

        used.ShouldNotBeEmpty();
        used.ShouldBeSubsetOf(known);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_call_is_made_again_where_the_silo_says_that_nothing_has_begun(string code)
    {
        var kind = ErrorKind.Of(code);
        var error = new Problem { Code = code, Detail = "…" }.ToException(code, (HttpStatusCode)kind.Status);

        error.Code.ShouldBe(code);
        CallRetries.IsWorthAnother(error, mayHaveBegun: false).ShouldBe(kind.Again == Retry.NothingHasBegun);
        if (kind.Again == Retry.Never)
        {
            CallRetries.IsWorthAnother(error, mayHaveBegun: true).ShouldBeFalse();
        }
    }
}
