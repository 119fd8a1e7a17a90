namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Whether guests may reach an address.</summary>
internal enum AddressReach
{
    /// <summary>No: link-local, cloud metadata, multicast, reserved or for documentation.</summary>
    Never,

    /// <summary>Only where the operator lets them: loopback and private networks.</summary>
    Private,

    /// <summary>Yes.</summary>
    Public,
}
