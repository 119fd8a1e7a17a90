using HeliosEdge.Grains.Embedded.Calls;
using Orleans;

namespace HeliosEdge.Grains.ContractTests.Embedded;

public sealed class InterfaceTests
{
    public interface IMutableArgument : IGrainWithStringKey
    {
        Task DoAsync(List<int> numbers);
    }

    public interface IMutableResult : IGrainWithStringKey
    {
        Task<byte[]> DoAsync();
    }

    public interface ISynchronous : IGrainWithStringKey
    {
        int Do();
    }

    public interface IGeneric : IGrainWithStringKey
    {
        Task DoAsync<T>();
    }

    internal interface IHidden : IGrainWithStringKey
    {
        Task DoAsync();
    }

    [Theory]
    [InlineData(typeof(IMutableArgument), "List`1")]
    [InlineData(typeof(IMutableResult), "System.Byte[]")]
    [InlineData(typeof(ISynchronous), "return Task")]
    [InlineData(typeof(IGeneric), "generic")]
    [InlineData(typeof(IHidden), "must be public")]
    public void An_interface_that_can_not_be_a_grains_is_refused(Type type, string reason) =>
        Should.Throw<ArgumentException>(() => ProxyEmitter.Emit(type)).Message.ShouldContain(reason);

    [Fact]
    public async Task An_interface_without_a_class_and_a_key_that_is_none_are_refused()
    {
        await using var host = new EmbeddedHost();

        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IMutableResult>("a")).Message.ShouldContain("No grain class");
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IPlainProbe>(""));
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IPlainProbe>("a", "prefix"));
    }

    [Fact]
    public async Task An_interface_that_several_classes_implement_is_refused_when_it_is_used()
    {
        await using var host = new EmbeddedHost();

        // All three probe classes have it.
        Should.Throw<ArgumentException>(() => host.Grains.GetGrain<IProbe>("a")).Message.ShouldContain("IProbe");
    }
}
