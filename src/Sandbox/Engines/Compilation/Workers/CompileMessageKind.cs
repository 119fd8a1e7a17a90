namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>What a <see cref="CompileMessage"/> says.</summary>
internal enum CompileMessageKind : byte
{
    /// <summary>The compiler is ready; the content is the identity of its build.</summary>
    Ready = 1,

    /// <summary>The compiler cannot work; the content says why.</summary>
    Unfit = 2,

    /// <summary>The content is a module to be compiled.</summary>
    Compile = 3,

    /// <summary>The content is a module to be compiled so that its instances can be given fuel.</summary>
    CompileMetered = 4,

    /// <summary>The content is what the module was compiled to.</summary>
    Code = 5,

    /// <summary>The module is refused; the content says why.</summary>
    Refused = 6,
}
