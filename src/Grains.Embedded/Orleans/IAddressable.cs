namespace Orleans.Runtime;

/// <summary>Anything that can be called by its address: grains and references to them.</summary>
public interface IAddressable;
