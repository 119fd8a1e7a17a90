using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace HeliosEdge.Wasm.Compiler;

/// <summary>
/// The assembly image that a module is compiled into: method bodies, and references to the engine's own members by token.
/// </summary>
internal sealed class ModuleImage
{
    // The runtime admits at most 65,535 methods a type; smaller types also load faster.
    private const int MethodsPerType = 8_192;

    private readonly MetadataBuilder _metadata = new();
    private readonly BlobBuilder _il = new(64 << 10);
    private readonly MethodBodyStreamEncoder _bodies;
    private readonly Dictionary<Assembly, AssemblyReferenceHandle> _assemblies = [];
    private readonly Dictionary<Type, EntityHandle> _types = [];
    private readonly Dictionary<MemberInfo, int> _members = [];
    private readonly Dictionary<FunctionType, int> _calliTokens = [];
    private readonly BlobBuilder _scratch = new();
    private int _methods;
    private int _methodsInType;
    private int _typeCount;

    public ModuleImage()
    {
        _bodies = new MethodBodyStreamEncoder(_il);
        _metadata.AddModule(0, _metadata.GetOrAddString("guest"), _metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        var assembly = _metadata.AddAssembly(_metadata.GetOrAddString("guest"), new Version(0, 0, 0, 0), default, default, 0, AssemblyHashAlgorithm.None);

        // The code calls internal members of the engine; the runtime grants that to an assembly which carries this attribute.
        var constructor = MetadataTokens.EntityHandle(Token(typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!));
        _scratch.Clear();
        _scratch.WriteUInt16(1);
        _scratch.WriteSerializedString(typeof(ModuleImage).Assembly.GetName().Name);
        _scratch.WriteUInt16(0);
        _metadata.AddCustomAttribute(assembly, constructor, _metadata.GetOrAddBlob(_scratch));
        _metadata.AddTypeDefinition(default, default, _metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        _methodsInType = MethodsPerType;
    }

    /// <summary>The row that the next added method gets.</summary>
    public int NextMethod => _methods + 1;

    public static int MethodToken(int row) => 0x06000000 | row;

    public int Token(MethodBase method)
    {
        if (!_members.TryGetValue(method, out var token))
        {
            _scratch.Clear();
            MethodSignature(_scratch, method);
            token = MetadataTokens.GetToken(_metadata.AddMemberReference(TypeHandle(method.DeclaringType!), _metadata.GetOrAddString(method.Name), _metadata.GetOrAddBlob(_scratch)));
            _members.Add(method, token);
        }

        return token;
    }

    public int Token(FieldInfo field)
    {
        if (!_members.TryGetValue(field, out var token))
        {
            _scratch.Clear();
            _scratch.WriteByte(0x06);
            Write(_scratch, field.FieldType);
            token = MetadataTokens.GetToken(_metadata.AddMemberReference(TypeHandle(field.DeclaringType!), _metadata.GetOrAddString(field.Name), _metadata.GetOrAddBlob(_scratch)));
            _members.Add(field, token);
        }

        return token;
    }

    public int Token(Type type) => MetadataTokens.GetToken(TypeHandle(type));

    /// <summary>The signature of a direct call through a function pointer of a WebAssembly type.</summary>
    public int CalliToken(FunctionType type)
    {
        if (!_calliTokens.TryGetValue(type, out var token))
        {
            token = MetadataTokens.GetToken(_metadata.AddStandaloneSignature(FunctionSignature(type)));
            _calliTokens.Add(type, token);
        }

        return token;
    }

    /// <summary>Parameters, then the instance context; the first result or void.</summary>
    public BlobHandle FunctionSignature(FunctionType type)
    {
        _scratch.Clear();
        _scratch.WriteByte(0);
        _scratch.WriteCompressedInteger(type.Parameters.Length + 1);
        Write(_scratch, type.Results.Length == 0 ? typeof(void) : ClrTypes.Of(type.Results[0]));
        foreach (var parameter in type.Parameters)
        {
            Write(_scratch, ClrTypes.Of(parameter));
        }

        Write(_scratch, typeof(Runtime.InstanceContext));
        return _metadata.GetOrAddBlob(_scratch);
    }

    public BlobHandle StaticSignature(Type result, params ReadOnlySpan<Type> parameters)
    {
        _scratch.Clear();
        _scratch.WriteByte(0);
        _scratch.WriteCompressedInteger(parameters.Length);
        Write(_scratch, result);
        foreach (var parameter in parameters)
        {
            Write(_scratch, parameter);
        }

        return _metadata.GetOrAddBlob(_scratch);
    }

    public void AddMethod(string name, BlobHandle signature, ReadOnlySpan<byte> prologue, ReadOnlySpan<byte> code, int maxStack, ReadOnlySpan<Type> locals, MethodImplAttributes flags)
    {
        if (_methodsInType == MethodsPerType)
        {
            _methodsInType = 0;
            _metadata.AddTypeDefinition(
                TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed | TypeAttributes.BeforeFieldInit,
                default,
                _metadata.GetOrAddString("Guest" + _typeCount++),
                TypeHandle(typeof(object)),
                MetadataTokens.FieldDefinitionHandle(1),
                MetadataTokens.MethodDefinitionHandle(NextMethod));
        }

        StandaloneSignatureHandle localsSignature = default;
        if (locals.Length > 0)
        {
            _scratch.Clear();
            _scratch.WriteByte(0x07);
            _scratch.WriteCompressedInteger(locals.Length);
            foreach (var local in locals)
            {
                Write(_scratch, local);
            }

            localsSignature = _metadata.AddStandaloneSignature(_metadata.GetOrAddBlob(_scratch));
        }

        var body = _bodies.AddMethodBody(
            prologue.Length + code.Length,
            maxStack,
            exceptionRegionCount: 0,
            hasSmallExceptionRegions: true,
            localsSignature,
            MethodBodyAttributes.InitLocals);
        var instructions = body.Instructions.GetBytes().AsSpan();
        prologue.CopyTo(instructions);
        code.CopyTo(instructions[prologue.Length..]);
        _metadata.AddMethodDefinition(
            MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.HideBySig,
            flags,
            _metadata.GetOrAddString(name),
            signature,
            body.Offset,
            MetadataTokens.ParameterHandle(1));
        _methods++;
        _methodsInType++;
    }

    public byte[] Serialize()
    {
        var image = new BlobBuilder(_il.Count + (64 << 10));
        new ManagedPEBuilder(
            new PEHeaderBuilder(imageCharacteristics: Characteristics.Dll | Characteristics.ExecutableImage),
            new MetadataRootBuilder(_metadata),
            _il,
            deterministicIdProvider: static _ => BlobContentId.FromHash(new byte[20])).Serialize(image);
        return image.ToArray();
    }

    private void MethodSignature(BlobBuilder blob, MethodBase method)
    {
        // A member of a generic type is referred to by its definition's signature, over type parameters.
        if (method.DeclaringType!.IsGenericType)
        {
            method = method.DeclaringType.GetGenericTypeDefinition().GetMethods().Single(m => m.MetadataToken == method.MetadataToken);
        }

        var parameters = method.GetParameters();
        blob.WriteByte(method.IsStatic ? (byte)0x00 : (byte)0x20);
        blob.WriteCompressedInteger(parameters.Length);
        Write(blob, method is MethodInfo info ? info.ReturnType : typeof(void));
        foreach (var parameter in parameters)
        {
            Write(blob, parameter.ParameterType);
        }
    }

    private EntityHandle TypeHandle(Type type)
    {
        if (_types.TryGetValue(type, out var handle))
        {
            return handle;
        }

        if (type.IsConstructedGenericType)
        {
            var blob = new BlobBuilder();
            Write(blob, type);
            handle = _metadata.AddTypeSpecification(_metadata.GetOrAddBlob(blob));
        }
        else
        {
            handle = _metadata.AddTypeReference(Scope(type.Assembly), _metadata.GetOrAddString(type.Namespace ?? string.Empty), _metadata.GetOrAddString(type.Name));
        }

        _types.Add(type, handle);
        return handle;
    }

    private AssemblyReferenceHandle Scope(Assembly assembly)
    {
        if (!_assemblies.TryGetValue(assembly, out var handle))
        {
            var name = assembly.GetName();
            handle = _metadata.AddAssemblyReference(
                _metadata.GetOrAddString(name.Name!),
                name.Version!,
                default,
                name.GetPublicKeyToken() is { Length: > 0 } token ? _metadata.GetOrAddBlob(token) : default,
                default,
                default);
            _assemblies.Add(assembly, handle);
        }

        return handle;
    }

    // Type signatures of ECMA-335 II.23.2.12.
    private void Write(BlobBuilder blob, Type type)
    {
        if (type.IsByRef)
        {
            blob.WriteByte(0x10);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsPointer)
        {
            blob.WriteByte(0x0F);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsArray)
        {
            blob.WriteByte(0x1D);
            Write(blob, type.GetElementType()!);
        }
        else if (type.IsGenericParameter)
        {
            blob.WriteByte(0x13);
            blob.WriteCompressedInteger(type.GenericParameterPosition);
        }
        else if (type.IsConstructedGenericType)
        {
            blob.WriteByte(0x15);
            blob.WriteByte(type.IsValueType ? (byte)0x11 : (byte)0x12);
            blob.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(TypeHandle(type.GetGenericTypeDefinition())));
            var arguments = type.GetGenericArguments();
            blob.WriteCompressedInteger(arguments.Length);
            foreach (var argument in arguments)
            {
                Write(blob, argument);
            }
        }
        else if (Primitive(type) is var code and not 0)
        {
            blob.WriteByte(code);
        }
        else
        {
            blob.WriteByte(type.IsValueType ? (byte)0x11 : (byte)0x12);
            blob.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(TypeHandle(type)));
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
