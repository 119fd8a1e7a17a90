using System.Diagnostics.CodeAnalysis;

namespace HeliosEdge.Wasm.Runtime;

/// <summary>A trap on its way out of compiled code; callers of the engine see <see cref="TrapException"/> instead.</summary>
internal sealed class GuestTrap : Exception
{
    private GuestTrap(TrapCode code)
    {
        Code = code;
    }

    public TrapCode Code { get; }

    [DoesNotReturn]
    public static void Unreachable() => throw new GuestTrap(TrapCode.Unreachable);

    [DoesNotReturn]
    public static void MemoryOutOfBounds() => throw new GuestTrap(TrapCode.MemoryOutOfBounds);

    [DoesNotReturn]
    public static void TableOutOfBounds() => throw new GuestTrap(TrapCode.TableOutOfBounds);

    [DoesNotReturn]
    public static void UndefinedElement() => throw new GuestTrap(TrapCode.UndefinedElement);

    [DoesNotReturn]
    public static void UninitializedElement() => throw new GuestTrap(TrapCode.UninitializedElement);

    [DoesNotReturn]
    public static void IndirectCallTypeMismatch() => throw new GuestTrap(TrapCode.IndirectCallTypeMismatch);

    [DoesNotReturn]
    public static void IntegerDivideByZero() => throw new GuestTrap(TrapCode.IntegerDivideByZero);

    [DoesNotReturn]
    public static void IntegerOverflow() => throw new GuestTrap(TrapCode.IntegerOverflow);

    [DoesNotReturn]
    public static void InvalidConversion() => throw new GuestTrap(TrapCode.InvalidConversionToInteger);

    [DoesNotReturn]
    public static void OutOfFuel() => throw new GuestTrap(TrapCode.OutOfFuel);

    [DoesNotReturn]
    public static void Interrupted() => throw new GuestTrap(TrapCode.Interrupted);

    /// <summary>A function entry found the stack below the limit: the stack is used up, or the limit was raised to stop the guest.</summary>
    [DoesNotReturn]
    public static void StackLimitReached(InstanceContext context) =>
        throw new GuestTrap(Volatile.Read(ref context.Interrupted) != 0 ? TrapCode.Interrupted : TrapCode.StackExhausted);
}
