namespace HeliosEdge.Settings;

/// <summary>The silo cannot start for a reason that lies in its surroundings; the message is for the operator.</summary>
internal sealed class SiloStartException(string message, Exception? cause = null) : Exception(message, cause);
