using System.Reflection;
using System.Runtime.CompilerServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// The assembly image that a module is compiled into: method bodies, and references to the engine's own members by token.
/// </summary>
internal sealed class ModuleImage
{
    // The runtime admits at most 65,535 methods a type; smaller types also load faster.
    private const int MethodsPerType = 8_192;

    private readonly MetadataTables _metadata = new();
    private readonly ByteWriter _bodies = new(64 << 10);
    private readonly Dictionary<Assembly, int> _assemblies = [];
    private readonly Dictionary<Type, int> _types = [];
    private readonly Dictionary<MemberInfo, int> _members = [];
    private readonly Dictionary<FunctionType, int> _calliTokens = [];
    private readonly ByteWriter _scratch = new();
    private int _methodsInType = MethodsPerType;
    private int _typeCount;

    public ModuleImage()
    {
        // The code calls internal members of the engine; the runtime grants that to an assembly which carries this attribute.
        var constructor = Token(typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!);
        var engine = typeof(ModuleImage).Assembly.GetName().Name!;
        _scratch.Clear();
        _scratch.U16(1);
        _scratch.Compressed(engine.Length);
        _scratch.Utf8(engine);
        _scratch.U16(0);
        _metadata.SetAssemblyAttribute(constructor, _metadata.Blob(_scratch.Written));
        _metadata.AddTypeDef(0, _metadata.String("<Module>"), 0, 1);
    }

    /// <summary>The constants that the code loads from memory.</summary>
    public ConstantPool Constants { get; } = new();

    /// <summary>The row that the next added method gets.</summary>
    public int NextMethod => _metadata.MethodCount + 1;

    /// <summary>How many bytes the method bodies take, up to now.</summary>
    public int CodeBytes => _bodies.Length;

    public static int MethodToken(int row) => 0x06000000 | row;

    public int Token(MethodBase method)
    {
        if (!_members.TryGetValue(method, out var token))
        {
            _scratch.Clear();
            MethodSignature(_scratch, method);
            token = _metadata.AddMemberRef(Token(method.DeclaringType!), _metadata.String(method.Name), _metadata.Blob(_scratch.Written));
            _members.Add(method, token);
        }

        return token;
    }

    public int Token(FieldInfo field)
    {
        if (!_members.TryGetValue(field, out var token))
        {
            _scratch.Clear();
            _scratch.U8(0x06);
            Write(_scratch, field.FieldType);
            token = _metadata.AddMemberRef(Token(field.DeclaringType!), _metadata.String(field.Name), _metadata.Blob(_scratch.Written));
            _members.Add(field, token);
        }

        return token;
    }

    public int Token(Type type)
    {
        if (_types.TryGetValue(type, out var token))
        {
            return token;
        }

        if (type.IsConstructedGenericType)
        {
            var blob = new ByteWriter();
            Write(blob, type);
            token = _metadata.AddTypeSpec(_metadata.Blob(blob.Written));
        }
        else
        {
            token = _metadata.AddTypeRef(Scope(type.Assembly), _metadata.String(type.Namespace ?? string.Empty), _metadata.String(type.Name));
        }

        _types.Add(type, token);
        return token;
    }

    /// <summary>The signature of a direct call through a function pointer of a WebAssembly type.</summary>
    public int CalliToken(FunctionType type)
    {
        if (!_calliTokens.TryGetValue(type, out var token))
        {
            token = _metadata.AddSignature(FunctionSignature(type));
            _calliTokens.Add(type, token);
        }

        return token;
    }

    /// <summary>Parameters, then the instance context; the first result or void.</summary>
    public int FunctionSignature(FunctionType type)
    {
        _scratch.Clear();
        _scratch.U8(0);
        _scratch.Compressed(type.Parameters.Length + 1);
        Write(_scratch, type.Results.Length == 0 ? typeof(void) : ClrTypes.Of(type.Results[0]));
        foreach (var parameter in type.Parameters)
        {
            Write(_scratch, ClrTypes.Of(parameter));
        }

        Write(_scratch, typeof(Runtime.InstanceContext));
        return _metadata.Blob(_scratch.Written);
    }

    /// <summary>The tokens of the methods outside the module that its code calls.</summary>
    public int[] CalledMembers() => [.. _members.Where(member => member.Key is MethodInfo { IsAbstract: false }).Select(member => member.Value)];

    public int StaticSignature(Type result, params ReadOnlySpan<Type> parameters)
    {
        _scratch.Clear();
        _scratch.U8(0);
        _scratch.Compressed(parameters.Length);
        Write(_scratch, result);
        foreach (var parameter in parameters)
        {
            Write(_scratch, parameter);
        }

        return _metadata.Blob(_scratch.Written);
    }

    public void AddMethod(string name, int signature, ReadOnlySpan<byte> prologue, ReadOnlySpan<byte> code, int maxStack, ReadOnlySpan<Type> locals, MethodImplAttributes flags)
    {
        if (_methodsInType == MethodsPerType)
        {
            _methodsInType = 0;
            const TypeAttributes Static = TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit;
            _metadata.AddTypeDef((int)Static, _metadata.String("Guest" + _typeCount++), Token(typeof(object)), NextMethod);
        }

        var localsToken = 0;
        if (locals.Length > 0)
        {
            _scratch.Clear();
            _scratch.U8(0x07);
            _scratch.Compressed(locals.Length);
            foreach (var local in locals)
            {
                Write(_scratch, local);
            }

            localsToken = _metadata.AddSignature(_metadata.Blob(_scratch.Written));
        }

        // A fat header (ECMA-335 II.25.4.3) with zeroed locals.
        _bodies.Align(4);
        var at = _bodies.Length;
        _bodies.U16(0x3013);
        _bodies.U16(maxStack);
        _bodies.U32(prologue.Length + code.Length);
        _bodies.U32(localsToken);
        _bodies.Bytes(prologue);
        _bodies.Bytes(code);
        _metadata.AddMethod(
            at,
            (int)flags,
            (int)(MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.HideBySig),
            _metadata.String(name),
            signature);
        _methodsInType++;
    }

    public byte[] Serialize() => PortableExecutable.Write(_bodies.Written, _metadata, "guest");

    private void MethodSignature(ByteWriter blob, MethodBase method)
    {
        // A member of a generic type is referred to by its definition's signature, over type parameters.
        if (method.DeclaringType!.IsGenericType)
        {
            method = method.DeclaringType.GetGenericTypeDefinition().GetMethods().Single(m => m.MetadataToken == method.MetadataToken);
        }

        var parameters = method.GetParameters();
        blob.U8(method.IsStatic ? (byte)0x00 : (byte)0x20);
        blob.Compressed(parameters.Length);
        Write(blob, method is MethodInfo info ? info.ReturnType : typeof(void));
        foreach (var parameter in parameters)
        {
            Write(blob, parameter.ParameterType);
        }
    }

    private int Scope(Assembly assembly)
    {
        if (!_assemblies.TryGetValue(assembly, out var token))
        {
            var name = assembly.GetName();
            token = _metadata.AddAssemblyRef(
                name.Version!,
                name.GetPublicKeyToken() is { Length: > 0 } key ? _metadata.Blob(key) : 0,
                _metadata.String(name.Name!));
            _assemblies.Add(assembly, token);
        }

        return token;
    }

    // Type signatures of ECMA-335 II.23.2.12.
    private void Write(ByteWriter blob, Type type)
    {
        if (type.IsByRef)
        {
            blob.U8(0x10);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsPointer)
        {
            blob.U8(0x0F);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsArray)
        {
            blob.U8(0x1D);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsGenericParameter)
        {
            blob.U8(0x13);
            blob.Compressed(type.GenericParameterPosition);
        }
        else if (type.IsConstructedGenericType)
        {
            blob.U8(0x15);
            blob.U8(type.IsValueType ? (byte)0x11 : (byte)0x12);
            blob.Compressed(MetadataTables.TypeDefOrRef(Token(type.GetGenericTypeDefinition())));
            var arguments = type.GetGenericArguments();
            blob.Compressed(arguments.Length);
            foreach (var argument in arguments)
            {
                Write(blob, argument);
            }
        }
        else if (Primitive(type) is var code and not 0)
        {
            blob.U8(code);
        }
        else
        {
            blob.U8(type.IsValueType ? (byte)0x11 : (byte)0x12);
            blob.Compressed(MetadataTables.TypeDefOrRef(Token(type)));
        }
    }

    private static byte Primitive(Type type) =>
        type == typeof(void) ? (byte)0x01
        : type == typeof(bool) ? (byte)0x02
        : type == typeof(byte) ? (byte)0x05
        : type == typeof(short) ? (byte)0x06
        : type == typeof(int) ? (byte)0x08
        : type == typeof(uint) ? (byte)0x09
        : type == typeof(long) ? (byte)0x0A
        : type == typeof(ulong) ? (byte)0x0B
        : type == typeof(float) ? (byte)0x0C
        : type == typeof(double) ? (byte)0x0D
        : type == typeof(nint) ? (byte)0x18
        : type == typeof(nuint) ? (byte)0x19
        : type == typeof(object) ? (byte)0x1C
        : (byte)0;
}
