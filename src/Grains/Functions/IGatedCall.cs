namespace HeliosEdge.Grains.Functions;

/// <summary>What an <see cref="InstanceGate"/> lets through; it calls <see cref="InstanceGate.Leave"/> once, when it has started and ended.</summary>
internal interface IGatedCall
{
    /// <summary>Starts the call.</summary>
    /// <returns>False if it cannot be started; it has then ended with that as its result, without a stay to leave.</returns>
    bool TryStart();
}
