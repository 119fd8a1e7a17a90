using System.Numerics;
using System.Reflection;
using HeliosEdge.Wasm.Runtime;
using HeliosEdge.Wasm.Simd;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>The members of the engine and of the framework that compiled code calls and loads.</summary>
internal static class RuntimeMembers
{
    public static readonly FieldInfo StackLimit = Field<InstanceContext>(nameof(InstanceContext.StackLimit));
    public static readonly FieldInfo Interrupted = Field<InstanceContext>(nameof(InstanceContext.Interrupted));
    public static readonly FieldInfo Memory = Field<InstanceContext>(nameof(InstanceContext.Memory));
    public static readonly FieldInfo Globals = Field<InstanceContext>(nameof(InstanceContext.Globals));
    public static readonly FieldInfo ImportedGlobals = Field<InstanceContext>(nameof(InstanceContext.ImportedGlobals));
    public static readonly FieldInfo Fuel = Field<InstanceContext>(nameof(InstanceContext.Fuel));
    public static readonly FieldInfo Constants = Field<InstanceContext>(nameof(InstanceContext.Constants));
    public static readonly FieldInfo TypeIds = Field<InstanceContext>(nameof(InstanceContext.TypeIds));
    public static readonly FieldInfo Imports = Field<InstanceContext>(nameof(InstanceContext.Imports));
    public static readonly FieldInfo Table0 = Field<InstanceContext>(nameof(InstanceContext.Table0));
    public static readonly FieldInfo Tables = Field<InstanceContext>(nameof(InstanceContext.Tables));
    public static readonly FieldInfo TableFunctions = Field<Table>(nameof(Table.Functions));
    public static readonly FieldInfo GlobalReference = Field<Global>(nameof(Global.Reference));
    public static readonly FieldInfo FunctionCode = Field<Function>(nameof(Function.Code));
    public static readonly FieldInfo FunctionContext = Field<Function>(nameof(Function.Context));
    public static readonly FieldInfo FunctionTypeId = Field<Function>(nameof(Function.TypeId));

    public static readonly MethodInfo FunctionAt = Method(typeof(TableOperations), nameof(TableOperations.FunctionAt));
    public static readonly MethodInfo ResolveElement = Method(typeof(TableOperations), nameof(TableOperations.Resolve));
    public static readonly MethodInfo GlobalAt = Method(typeof(TableOperations), nameof(TableOperations.GlobalAt));
    public static readonly MethodInfo SingleFromBits = Method(typeof(BitConverter), nameof(BitConverter.Int32BitsToSingle), typeof(int));
    public static readonly MethodInfo DoubleFromBits = Method(typeof(BitConverter), nameof(BitConverter.Int64BitsToDouble), typeof(long));
    public static readonly MethodInfo SingleToBits = Method(typeof(BitConverter), nameof(BitConverter.SingleToInt32Bits), typeof(float));
    public static readonly MethodInfo DoubleToBits = Method(typeof(BitConverter), nameof(BitConverter.DoubleToInt64Bits), typeof(double));
    public static readonly MethodInfo LeadingZeros32 = Method(typeof(BitOperations), nameof(BitOperations.LeadingZeroCount), typeof(uint));
    public static readonly MethodInfo LeadingZeros64 = Method(typeof(BitOperations), nameof(BitOperations.LeadingZeroCount), typeof(ulong));
    public static readonly MethodInfo TrailingZeros32 = Method(typeof(BitOperations), nameof(BitOperations.TrailingZeroCount), typeof(uint));
    public static readonly MethodInfo TrailingZeros64 = Method(typeof(BitOperations), nameof(BitOperations.TrailingZeroCount), typeof(ulong));
    public static readonly MethodInfo PopCount32 = Method(typeof(BitOperations), nameof(BitOperations.PopCount), typeof(uint));
    public static readonly MethodInfo PopCount64 = Method(typeof(BitOperations), nameof(BitOperations.PopCount), typeof(ulong));
    public static readonly MethodInfo RotateLeft32 = Method(typeof(BitOperations), nameof(BitOperations.RotateLeft), typeof(uint), typeof(int));
    public static readonly MethodInfo RotateLeft64 = Method(typeof(BitOperations), nameof(BitOperations.RotateLeft), typeof(ulong), typeof(int));
    public static readonly MethodInfo RotateRight32 = Method(typeof(BitOperations), nameof(BitOperations.RotateRight), typeof(uint), typeof(int));
    public static readonly MethodInfo RotateRight64 = Method(typeof(BitOperations), nameof(BitOperations.RotateRight), typeof(ulong), typeof(int));

    public static MethodInfo Trap(string name) => Method(typeof(GuestTrap), name);

    public static MethodInfo MemoryOperation(string name) => Method(typeof(MemoryOperations), name);

    public static MethodInfo TableOperation(string name) => Method(typeof(TableOperations), name);

    public static MethodInfo Numeric(string name, params Type[] parameters) => Method(typeof(NumericOperations), name, parameters);

    public static MethodInfo Maths(Type type, string name, params Type[] parameters) => Method(type, name, parameters);

    public static MethodInfo SimdOperation(string name) => Method(typeof(SimdOperations), name);

    private static FieldInfo Field<T>(string name) =>
        typeof(T).GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)!;

    private static MethodInfo Method(Type type, string name, params Type[] parameters)
    {
        const BindingFlags Flags = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        return (parameters.Length == 0 ? type.GetMethod(name, Flags) : type.GetMethod(name, Flags, parameters))
            ?? throw new MissingMethodException(type.FullName, name);
    }
}
