namespace HeliosEdge.Wasm.Runtime;

/// <summary>The table instructions (core spec 4.4.6), operands first, then immediates, then the context; and the slow path of <c>call_indirect</c>.</summary>
internal static class TableOperations
{
    private const uint Piece = 1 << 16;

    /// <summary>Makes the function behind an element that has none yet.</summary>
    public static Function Resolve(Table table, int index)
    {
        var function = table.Resolve((uint)index);
        if (function is null)
        {
            GuestTrap.UninitializedElement();
        }

        return function;
    }

    /// <summary>The function that <c>ref.func</c> refers to.</summary>
    public static Function FunctionAt(int function, InstanceContext context) => context.Instance.FunctionAt(function);

    /// <summary>The object of a global that holds a reference.</summary>
    public static Global GlobalAt(int global, InstanceContext context) => context.Instance.GlobalAt(global);

    public static object? Get(uint index, int table, InstanceContext context)
    {
        var target = context.Tables[table];
        Check(target, index, 1);
        return target.Get(index);
    }

    public static void Set(uint index, object? value, int table, InstanceContext context)
    {
        var target = context.Tables[table];
        Check(target, index, 1);
        target.Set(index, value);
    }

    public static int Size(int table, InstanceContext context) => (int)context.Tables[table].Length;

    public static int Grow(object? value, uint delta, int table, InstanceContext context) =>
        context.Tables[table].TryGrow(delta, value, out var old) ? (int)old : -1;

    public static void Fill(uint at, object? value, uint count, int table, InstanceContext context)
    {
        var target = context.Tables[table];
        Check(target, at, count);
        for (uint i = 0; i < count; i++)
        {
            target.Set(at + i, value);
            Poll(context, i);
        }
    }

    public static void Copy(uint to, uint from, uint count, int toTable, int fromTable, InstanceContext context)
    {
        var target = context.Tables[toTable];
        var source = context.Tables[fromTable];
        Check(source, from, count);
        Check(target, to, count);
        if (to <= from)
        {
            for (uint i = 0; i < count; i++)
            {
                target.Set(to + i, source.Get(from + i));
                Poll(context, i);
            }

            return;
        }

        for (var i = count; i > 0; i--)
        {
            target.Set(to + i - 1, source.Get(from + i - 1));
            Poll(context, i);
        }
    }

    public static void Init(uint to, uint from, uint count, int table, int segment, InstanceContext context)
    {
        var target = context.Tables[table];
        var elements = context.Instance.Module.Definition.Elements[segment];
        var available = context.Instance.DroppedElements[segment] ? 0 : elements.Length;
        if ((ulong)from + count > (ulong)available)
        {
            GuestTrap.TableOutOfBounds();
        }

        Check(target, to, count);
        if (count == 0)
        {
            return;
        }

        if (elements.Functions is { } functions && target.ElementKind == ValueKind.FuncRef)
        {
            target.SetFunctions(to, functions.AsSpan((int)from, (int)count), context);
            return;
        }

        for (uint i = 0; i < count; i++)
        {
            target.Set(to + i, context.Instance.Evaluate(elements.Expressions[from + i]).Reference);
            Poll(context, i);
        }
    }

    public static void Drop(int segment, InstanceContext context) => context.Instance.DroppedElements[segment] = true;

    private static void Check(Table table, uint at, uint count)
    {
        if ((ulong)at + count > table.Length)
        {
            GuestTrap.TableOutOfBounds();
        }
    }

    private static void Poll(InstanceContext context, uint done)
    {
        if (done % Piece == 0 && Volatile.Read(ref context.Interrupted) != 0)
        {
            GuestTrap.Interrupted();
        }
    }
}
