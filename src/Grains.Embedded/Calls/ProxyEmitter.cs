using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using Orleans;

namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>
/// Makes, once for each grain interface, the class whose methods pack their arguments into a request and send it. A call then
/// costs the request and its task; a proxy made by reflection would box every argument and look the method up on every call.
/// </summary>
internal static class ProxyEmitter
{
    private const string AssemblyName = "HeliosEdge.Grains.Embedded.Proxies";

    private static readonly Type[] ConstructorParameters = [typeof(GrainInterface), typeof(string)];

    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName(AssemblyName), AssemblyBuilderAccess.Run)
        .DefineDynamicModule(AssemblyName);

    private static readonly Lock Gate = new();
    private static int _emitted;

    /// <summary>The methods that a proxy for this interface has, in a fixed order.</summary>
    public static ImmutableArray<MethodInfo> MethodsOf(Type grainInterface) =>
    [
        .. grainInterface.GetInterfaces().Prepend(grainInterface)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance)),
    ];

    public static TimeSpan? TimeoutOf(MethodInfo method) =>
        (method.GetCustomAttribute<ResponseTimeoutAttribute>()
            ?? method.DeclaringType!.GetCustomAttribute<ResponseTimeoutAttribute>())?.Timeout;

    /// <summary>Makes the proxy class and returns what makes instances of it.</summary>
    /// <exception cref="ArgumentException">The interface has something in it that a grain interface can not have.</exception>
    public static Func<GrainInterface, string, GrainReference> Emit(Type grainInterface)
    {
        var methods = MethodsOf(grainInterface);
        Check(grainInterface, methods);

        // Emitting into one module is not safe for several threads.
        lock (Gate)
        {
            var prefix = $"{grainInterface.FullName}#{_emitted++}";
            var proxy = Module.DefineType(prefix, TypeAttributes.Sealed, typeof(GrainReference), [grainInterface]);
            EmitConstructor(proxy);
            for (var i = 0; i < methods.Length; i++)
            {
                EmitMethod(proxy, methods[i], i, EmitRequest($"{prefix}.{methods[i].Name}#{i}", methods[i]));
            }

            var constructor = proxy.CreateType().GetConstructor(ConstructorParameters)!;
            var factory = new DynamicMethod("New", typeof(GrainReference), ConstructorParameters, Module);
            var il = factory.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Newobj, constructor);
            il.Emit(OpCodes.Ret);
            return factory.CreateDelegate<Func<GrainInterface, string, GrainReference>>();
        }
    }

    private static void Check(Type grainInterface, ImmutableArray<MethodInfo> methods)
    {
        if (!grainInterface.IsVisible)
        {
            throw new ArgumentException($"The grain interface {grainInterface} must be public.");
        }

        foreach (var method in methods)
        {
            var name = $"{grainInterface}.{method.Name}";
            if (method.IsGenericMethod)
            {
                throw new ArgumentException($"{name} is generic; grain methods are not.");
            }

            if (method.ReturnType != typeof(Task) && !IsTaskOf(method.ReturnType))
            {
                throw new ArgumentException($"{name} returns {method.ReturnType}; grain methods return Task or Task<T>.");
            }

            foreach (var type in method.GetParameters().Select(parameter => parameter.ParameterType).Append(ResultOf(method)))
            {
                if (type != typeof(NoResult) && !ImmutableTypes.Includes(type))
                {
                    throw new ArgumentException($"{name} passes {type}, which is not known to be immutable; mark it [Immutable] if it is.");
                }
            }
        }
    }

    private static void EmitConstructor(TypeBuilder proxy)
    {
        var il = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, ConstructorParameters).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, ConstructorParameters)!);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>A request class: a field for each argument, and <c>Call</c> which passes them to the grain.</summary>
    private static Type EmitRequest(string name, MethodInfo method)
    {
        var parent = typeof(GrainRequest<>).MakeGenericType(ResultOf(method));
        var type = Module.DefineType(name, TypeAttributes.Sealed, parent);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        var call = type.DefineMethod(
            "Call", MethodAttributes.Family | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(Task), [typeof(object)]);
        var il = call.GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var parameter in method.GetParameters())
        {
            il.Emit(OpCodes.Ldarg_0);
            var field = type.DefineField(FieldOf(parameter), parameter.ParameterType, FieldAttributes.Public);
            il.Emit(OpCodes.Ldfld, field);
            if (parameter.ParameterType == typeof(CancellationToken))
            {
                EmitCancellation(type, field);
            }
        }

        il.Emit(OpCodes.Callvirt, method);
        il.Emit(OpCodes.Ret);
        return type.CreateType();
    }

    private static void EmitCancellation(TypeBuilder request, FieldBuilder token)
    {
        var getter = request.DefineMethod(
            $"get_{nameof(GrainRequest.Cancellation)}",
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig,
            typeof(CancellationToken),
            Type.EmptyTypes);
        var il = getter.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, token);
        il.Emit(OpCodes.Ret);
    }

    /// <summary>A proxy method: makes the request, fills its fields, sends it.</summary>
    private static void EmitMethod(TypeBuilder proxy, MethodInfo method, int index, Type request)
    {
        var parameters = method.GetParameters();
        var builder = proxy.DefineMethod(
            method.Name,
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot | MethodAttributes.HideBySig,
            method.ReturnType,
            [.. parameters.Select(parameter => parameter.ParameterType)]);
        var il = builder.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, request.GetConstructor(Type.EmptyTypes)!);
        foreach (var parameter in parameters)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, (short)(parameter.Position + 1));
            il.Emit(OpCodes.Stfld, request.GetField(FieldOf(parameter))!);
        }

        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Call, typeof(GrainReference)
            .GetMethod("Send", BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(ResultOf(method)));
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(builder, method);
    }

    private static string FieldOf(ParameterInfo parameter) => $"argument{parameter.Position}";

    private static bool IsTaskOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>);

    private static Type ResultOf(MethodInfo method) =>
        IsTaskOf(method.ReturnType) ? method.ReturnType.GetGenericArguments()[0] : typeof(NoResult);
}
