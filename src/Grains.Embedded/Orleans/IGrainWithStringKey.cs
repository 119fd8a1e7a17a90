namespace Orleans;

/// <summary>A grain whose identity is a string. The only kind of key that this host knows.</summary>
public interface IGrainWithStringKey : IGrain;
