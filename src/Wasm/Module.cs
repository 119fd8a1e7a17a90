using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Compiler;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>
/// A validated and compiled module. It is immutable and may be shared between threads; what runs are its instances.
/// The machine code of a function is made at its first call, or ahead of that by <see cref="Prepare"/>.
/// </summary>
public sealed unsafe class Module : IDisposable // SAFETY: TypeIds and Constants point into arrays that are pinned for as long as the module lives.
{
    private readonly Dictionary<string, Export> _exports;
    private readonly int[] _typeIds;
    private readonly byte[] _constants;
    private readonly nint[] _code;
    private readonly nint[] _entryStubs;
    private readonly nint[] _hostStubs;
    private readonly GuestLoadContext _loadContext;
    private readonly System.Reflection.Module _image;
    private readonly ImageLayout _layout;
    private int _disposed;
    private bool _isPrepared;

    private Module(ModuleDefinition definition, CompiledImage compiled)
    {
        Definition = definition;
        _layout = compiled.Layout;
        Imports = definition.DescribeImports();
        Exports = definition.DescribeExports();
        _exports = definition.Exports.ToDictionary(e => e.Name, StringComparer.Ordinal);
        _typeIds = GC.AllocateUninitializedArray<int>(Math.Max(1, definition.Types.Length), pinned: true);
        for (var i = 0; i < definition.Types.Length; i++)
        {
            _typeIds[i] = definition.Types[i].Id;
        }

        TypeIds = (int*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_typeIds, 0);
        // Aligned for the processor's sake; what lies around them is zero.
        _constants = GC.AllocateArray<byte>(compiled.Constants.Length + (3 * ConstantPool.SlotBytes), pinned: true);
        var start = (byte*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_constants, 0);
        Constants = (byte*)(((nuint)start + (2 * ConstantPool.SlotBytes) - 1) & ~((nuint)ConstantPool.SlotBytes - 1));
        compiled.Constants.CopyTo(_constants.AsSpan((int)(Constants - start)));
        _code = new nint[definition.Functions.Count - definition.ImportedFunctions];
        _entryStubs = new nint[definition.Types.Length];
        _hostStubs = new nint[definition.Types.Length];
        ReturnSlots = definition.Types.Length == 0 ? 0 : definition.Types.Max(t => t.Results.Length);
        ReturnSlots = ReturnSlots > 1 ? ReturnSlots : 0;
        _loadContext = new GuestLoadContext(this);
        ImageBytes = compiled.Bytes.Length + compiled.Constants.Length;
        _image = _loadContext.LoadFromStream(new MemoryStream(compiled.Bytes, writable: false)).ManifestModule;
    }

    /// <summary>The module's name from its name section, or null.</summary>
    public string? Name => Definition.Name;

    /// <summary>What an instance needs, in the module's order.</summary>
    public ImmutableArray<ImportDescriptor> Imports { get; }

    /// <summary>What an instance offers, in the module's order.</summary>
    public ImmutableArray<ExportDescriptor> Exports { get; }

    /// <summary>Whether it has a start function.</summary>
    public bool HasStart => Definition.Start is not null;

    internal ModuleDefinition Definition { get; }

    internal int* TypeIds { get; }

    /// <summary>Bytes of the image that the code was loaded from, and of its constants.</summary>
    internal int ImageBytes { get; }

    /// <summary>What the code loads its constants from.</summary>
    internal byte* Constants { get; }

    /// <summary>The most results that a function of the module has, or 0 where none has more than one.</summary>
    internal int ReturnSlots { get; }

    /// <summary>Decodes, validates and compiles a module.</summary>
    /// <param name="wasm">The module in the binary format; not kept.</param>
    /// <param name="options">Choices fixed at compilation; null for the defaults.</param>
    /// <param name="checkpoint">
    /// Called many times while the module is compiled, at least before each function and once for each 64 KiB of intermediate code, on the
    /// caller's thread. It may wait, and what it throws ends the compilation and reaches the caller.
    /// </param>
    /// <exception cref="InvalidModuleException">The bytes are no valid module of WebAssembly 2.0. Nothing was compiled.</exception>
    /// <exception cref="CompileLimitException">A limit of the options is exceeded. Nothing was compiled.</exception>
    public static Module Compile(ReadOnlySpan<byte> wasm, CompileOptions? options = null, Action? checkpoint = null)
    {
        options ??= new CompileOptions();
        var definition = ModuleDecoder.Decode(wasm, options.Limits, checkpoint);
        var compiled = ModuleCompiler.Compile(wasm, definition, options, checkpoint);
        checkpoint?.Invoke();
        return new Module(definition, compiled);
    }

    /// <summary>Compiles a module into bytes that <see cref="Deserialize"/> makes a module of, in this process or another one.</summary>
    /// <param name="wasm">The module in the binary format.</param>
    /// <param name="options">Choices fixed at compilation; null for the defaults.</param>
    /// <returns>
    /// The code, for this build of the engine (<c>ModuleVersionId</c> of its assembly) on this version of the runtime only. It holds no
    /// addresses and nothing of this process.
    /// </returns>
    /// <param name="checkpoint">As for <see cref="Compile"/>.</param>
    /// <exception cref="InvalidModuleException">As <see cref="Compile"/>.</exception>
    public static byte[] Serialize(ReadOnlySpan<byte> wasm, CompileOptions? options = null, Action? checkpoint = null)
    {
        options ??= new CompileOptions();
        return ModuleCompiler.Compile(wasm, ModuleDecoder.Decode(wasm, options.Limits, checkpoint), options, checkpoint).Serialize();
    }

    /// <summary>Makes a module of what <see cref="Serialize"/> gave for the same bytes and options, without compiling.</summary>
    /// <param name="wasm">The module in the binary format; decoded again, its function bodies are not looked at.</param>
    /// <param name="serialized">
    /// What <see cref="Serialize"/> gave. It must be trusted: it is code that runs with all rights of the process, and nothing here
    /// checks that it does what <paramref name="wasm"/> says. Whoever stores it must authenticate it.
    /// </param>
    /// <param name="options">The limits that <paramref name="wasm"/> is decoded with; the other choices are in the code already.</param>
    /// <param name="checkpoint">Called before each section and before the code is loaded; as for <see cref="Compile"/>.</param>
    /// <exception cref="InvalidModuleException"><paramref name="wasm"/> is malformed or exceeds a limit.</exception>
    /// <exception cref="InvalidDataException"><paramref name="serialized"/> is not of this form or of another module.</exception>
    /// <exception cref="BadImageFormatException">The runtime does not accept the code.</exception>
    public static Module Deserialize(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> serialized, CompileOptions? options = null, Action? checkpoint = null)
    {
        var definition = ModuleDecoder.Decode(wasm, (options ?? new CompileOptions()).Limits, checkpoint);
        var compiled = CompiledImage.Deserialize(serialized, definition.Types.Length, definition.Bodies.Count);
        checkpoint?.Invoke();
        return new Module(definition, compiled);
    }

    /// <summary>Decodes and validates a module without keeping any code.</summary>
    /// <param name="wasm">The module in the binary format.</param>
    /// <param name="options">Choices fixed at compilation; null for the defaults.</param>
    /// <param name="checkpoint">As for <see cref="Compile"/>.</param>
    /// <exception cref="InvalidModuleException">As <see cref="Compile"/>.</exception>
    public static void Validate(ReadOnlySpan<byte> wasm, CompileOptions? options = null, Action? checkpoint = null)
    {
        options ??= new CompileOptions();
        ModuleCompiler.Validate(wasm, ModuleDecoder.Decode(wasm, options.Limits, checkpoint), options, checkpoint);
    }

    /// <summary>Whether the machine code of everything that can be called has been made: <see cref="Prepare"/> has run to its end.</summary>
    public bool IsPrepared => Volatile.Read(ref _isPrepared);

    /// <summary>
    /// Makes the machine code of everything in the module that can be called, so that no call spends time on that: of the functions that
    /// exports, the start function, element segments and references reach, and of the stubs between them and the host. Functions that
    /// nothing can call are left out. May be called at any time, from several threads, while instances run, and again: what has been
    /// made is not made again. An instance that calls a function which is being made at that moment waits for that one function.
    /// </summary>
    /// <param name="checkpoint">
    /// Called before each function and stub. It may wait, and what it throws ends the preparation and reaches the caller; the module
    /// stays usable, what was made stays made, and the next call goes on from there. It runs on the caller's thread, or, where that has
    /// less than 512 KiB of stack left, on a thread that the whole preparation is given to.
    /// </param>
    /// <exception cref="ObjectDisposedException">The module is disposed, before or while its code is made.</exception>
    public void Prepare(Action? checkpoint = null)
    {
        ThrowIfDisposed();
        if (IsPrepared)
        {
            return;
        }

        if (ThreadStack.Suffices(0))
        {
            PrepareHere(checkpoint);
        }
        else
        {
            ThreadStack.RunOnLarger(0, () =>
            {
                PrepareHere(checkpoint);
                return true;
            });
        }
    }

    /// <summary>Lets the code be unloaded as soon as no instance uses it any more; no further instance can be made.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _loadContext.Unload();
        }
    }

    /// <summary>Refers to the code for as long as the runtime has it, which is longer than this object is in use.</summary>
    internal WeakReference WatchCode() => new(_loadContext, trackResurrection: true);

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);

    internal bool TryGetExport(string name, [MaybeNullWhen(false)] out Export export) => _exports.TryGetValue(name, out export);

    /// <summary>The entry point of a function that the module defines.</summary>
    internal nint CodeOf(int function) => Resolve(_code, function - Definition.ImportedFunctions, _layout.FirstFunction + function - Definition.ImportedFunctions);

    /// <summary>The entry point of the stub that unwraps arguments for functions of a type and wraps their results.</summary>
    internal nint EntryStubOf(int type) => Resolve(_entryStubs, type, _layout.EntryStubs[type]);

    /// <summary>The entry point of the stub that calls a host function of a type.</summary>
    internal nint HostStubOf(int type) => Resolve(_hostStubs, type, _layout.HostStubs[type]);

    /// <summary>Whether a function's code is given to the optimiser of the runtime's compiler.</summary>
    internal bool IsOptimised(int function) =>
        (_image.ResolveMethod(ModuleImage.MethodToken(_layout.FirstFunction + function - Definition.ImportedFunctions))!.MethodImplementationFlags & MethodImplAttributes.NoOptimization) == 0;

    /// <summary>The function that a method of the module's code was compiled from, or null for a stub.</summary>
    internal GuestFrame? FrameOf(MethodBase method)
    {
        var row = method.MetadataToken & 0xFFFFFF;
        var index = row - _layout.FirstFunction;
        return index >= 0 && index < _code.Length ? new GuestFrame(index + Definition.ImportedFunctions, Definition.NameOf(index + Definition.ImportedFunctions)) : null;
    }

    private nint Resolve(nint[] known, int index, int row)
    {
        var code = Volatile.Read(ref known[index]);
        if (code == 0)
        {
            // Two threads may both ask for it: the runtime gives both the same entry point.
            code = Method(ModuleImage.MethodToken(row)).GetFunctionPointer();
            Volatile.Write(ref known[index], code);
        }

        return code;
    }

    private RuntimeMethodHandle Method(int token) => _image.ModuleHandle.ResolveMethodHandle(token);

    private void PrepareHere(Action? checkpoint)
    {
        foreach (var member in _layout.Members)
        {
            PrepareMethod(member, checkpoint);
        }

        var isNeeded = new bool[Definition.Types.Length];
        foreach (var root in Definition.Roots())
        {
            isNeeded[Definition.Functions[root]] = true;
        }

        for (var type = 0; type < isNeeded.Length; type++)
        {
            if (isNeeded[type])
            {
                PrepareMethod(ModuleImage.MethodToken(_layout.EntryStubs[type]), checkpoint);
            }

            if (_layout.HostStubs[type] != 0)
            {
                PrepareMethod(ModuleImage.MethodToken(_layout.HostStubs[type]), checkpoint);
            }
        }

        for (var i = 0; i < _layout.Callable.Length; i++)
        {
            if (_layout.Callable[i])
            {
                PrepareMethod(ModuleImage.MethodToken(_layout.FirstFunction + i), checkpoint);
            }
        }

        Volatile.Write(ref _isPrepared, true);
    }

    private void PrepareMethod(int token, Action? checkpoint)
    {
        checkpoint?.Invoke();
        ThrowIfDisposed();
        RuntimeHelpers.PrepareMethod(Method(token));
    }
}
