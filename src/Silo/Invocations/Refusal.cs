using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Invocations;

/// <summary>An endpoint's answer that is a problem.</summary>
internal static class Refusal
{
    public static async Task<IResult> RefuseAsync(this HttpContext http, Problem problem)
    {
        await http.WriteProblemAsync(problem);
        return TypedResults.Empty;
    }
}
