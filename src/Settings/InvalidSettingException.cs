namespace HeliosEdge.Settings;

/// <summary>The operator set something to a value that is not accepted; the message says what and why.</summary>
internal sealed class InvalidSettingException(string message) : Exception(message);
