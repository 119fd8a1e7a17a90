using System.Reflection;
using HeliosEdge.Sandbox.Tests.Abi;
using HeliosEdge.Sandbox.Tests.HostFunctions;
using HeliosEdge.Sandbox.Tests.Samples;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>Everything that is tested with the managed engine behind the port holds with libwasmtime behind it, test by test.</summary>
[Trait("Category", "Slow")]
public sealed class WasmtimeContractTests
{
    private static readonly Type[] Contract =
    [
        typeof(EngineContractTests), typeof(FreshMemoryTests), typeof(InvokeTests), typeof(HostFunctionTests), typeof(Helios1CheckTests), typeof(Helios1InvokeTests),
        typeof(EnvironmentFunctionsTests), typeof(HttpFunctionsTests), typeof(AssemblyScriptTests),
        typeof(ExtismCheckTests), typeof(ExtismInvokeTests),
    ];

    public static TheoryData<string, string, object?[]> Tests
    {
        get
        {
            var tests = new TheoryData<string, string, object?[]>();
            foreach (var test in Contract.SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null))
            {
                var rows = test.GetCustomAttributes<InlineDataAttribute>().SelectMany(data => data.GetData(test)).DefaultIfEmpty([]);
                foreach (var row in rows)
                {
                    tests.Add(test.DeclaringType!.Name, test.Name, row);
                }
            }

            return tests;
        }
    }

    [WasmtimeTheory]
    [MemberData(nameof(Tests))]
    public async Task It_holds_with_libwasmtime(string type, string test, object?[] arguments)
    {
        Guests.Engine = Libwasmtime.Engine;
        var subject = Contract.Single(candidate => candidate.Name == type);

        var instance = Activator.CreateInstance(subject);
        using var disposing = instance as IDisposable;
        if (subject.GetMethod(test)!.Invoke(instance, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null) is Task task)
        {
            await task;
        }
    }
}
