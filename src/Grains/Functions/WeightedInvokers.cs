namespace HeliosEdge.Grains.Functions;

/// <summary>The versions of a function that take calls in a region, all of them ready to run.</summary>
internal sealed class WeightedInvokers
{
    private readonly FunctionInvoker[] _invokers;
    private readonly int[] _upTo;

    /// <summary>Makes it.</summary>
    public WeightedInvokers(IReadOnlyList<(FunctionInvoker Invoker, int Weight)> versions)
    {
        _invokers = [.. versions.Select(version => version.Invoker)];
        _upTo = new int[_invokers.Length];
        var sum = 0;
        for (var i = 0; i < _upTo.Length; i++)
        {
            sum += versions[i].Weight;
            _upTo[i] = sum;
        }
    }

    /// <summary>The version that runs the next call.</summary>
    public FunctionInvoker Pick()
    {
        if (_invokers.Length == 1)
        {
            return _invokers[0];
        }

        var at = Random.Shared.Next(_upTo[^1]);
        var i = 0;
        while (_upTo[i] <= at)
        {
            i++;
        }

        return _invokers[i];
    }
}
