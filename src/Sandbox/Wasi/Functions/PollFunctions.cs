using System.Buffers.Binary;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Descriptors;
using HeliosEdge.Sandbox.Wasi.Files;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Waiting for clocks and descriptors.</summary>
internal static class PollFunctions
{
    private const int SubscriptionBytes = 48;
    private const int EventBytes = 32;
    private const uint MaxSubscriptions = 4_096;

    // How long a wait for input takes no notice of an interruption.
    private static readonly TimeSpan InputStep = TimeSpan.FromMilliseconds(20);

    private enum EventType : byte
    {
        Clock = 0,
        FdRead = 1,
        FdWrite = 2,
    }

    public static void PollOneoff(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        var (input, output, count, result) = ((uint)a[0], (uint)a[1], (uint)a[2], (uint)a[3]);
        if (count is 0 or > MaxSubscriptions)
        {
            throw new WasiException(Errno.Invalid);
        }

        memory.CheckRange(output, (ulong)EventBytes * count);
        memory.CheckRange(result, 4);
        var subscriptions = new Subscription[count];
        var bytes = memory.Bytes(input, SubscriptionBytes * count);
        for (var i = 0; i < subscriptions.Length; i++)
        {
            subscriptions[i] = Read(bytes.Slice(i * SubscriptionBytes, SubscriptionBytes));
        }

        var events = Wait(process, subscriptions);
        for (var i = 0; i < events.Count; i++)
        {
            Write(memory.Bytes(output + (uint)(i * EventBytes), EventBytes), events[i]);
        }

        memory.WriteU32(result, (uint)events.Count);
    }

    private static List<Event> Wait(WasiProcess process, Subscription[] subscriptions)
    {
        var events = new List<Event>();
        while (true)
        {
            var least = ulong.MaxValue;
            OpenFile? blocking = null;
            foreach (var subscription in subscriptions)
            {
                try
                {
                    if (subscription.Type == EventType.Clock)
                    {
                        var now = WasiClock.Now(subscription.Clock);
                        if (now >= subscription.Due)
                        {
                            events.Add(new Event(subscription, Errno.Success, 0));
                        }
                        else
                        {
                            least = Math.Min(least, subscription.Due - now);
                        }
                    }
                    else if (IsReady(process, subscription, out var available, out var file))
                    {
                        events.Add(new Event(subscription, Errno.Success, available));
                    }
                    else
                    {
                        blocking = file;
                    }
                }
                catch (WasiException e)
                {
                    events.Add(new Event(subscription, e.Errno, 0));
                }
            }

            if (events.Count > 0)
            {
                return events;
            }

            process.ThrowIfInterrupted();

            // A tick more than the remainder, which is cut to ticks: not to wake up just before the time.
            var time = TimeSpan.FromTicks((long)Math.Min(least / TimeSpan.NanosecondsPerTick, long.MaxValue - 1) + 1);
            if (blocking is null)
            {
                process.Sleep(time);
            }
            else
            {
                blocking.WaitReadable(time < InputStep ? time : InputStep);
            }
        }
    }

    private static bool IsReady(WasiProcess process, in Subscription subscription, out ulong available, out OpenFile? file)
    {
        var descriptor = process.Descriptors[subscription.Descriptor];
        if (!descriptor.Rights.HasFlag(Rights.PollFdReadwrite)
            && !descriptor.Rights.HasFlag(subscription.Type == EventType.FdRead ? Rights.FdRead : Rights.FdWrite))
        {
            throw new WasiException(Errno.NotCapable);
        }

        file = descriptor.File;
        available = 0;
        if (subscription.Type == EventType.FdWrite)
        {
            return true;
        }

        if (file.IsSeekable)
        {
            available = (ulong)Math.Max(0, (long)file.GetStatus().Size - descriptor.Position);
            return true;
        }

        available = 1;
        return file.WaitReadable(TimeSpan.Zero);
    }

    private static Subscription Read(ReadOnlySpan<byte> bytes)
    {
        var userData = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var type = (EventType)bytes[8];
        var body = bytes[16..];
        if (type is EventType.FdRead or EventType.FdWrite)
        {
            return new Subscription(userData, type, 0, 0, BinaryPrimitives.ReadUInt32LittleEndian(body));
        }

        if (type != EventType.Clock)
        {
            throw new WasiException(Errno.Invalid);
        }

        var clock = BinaryPrimitives.ReadUInt32LittleEndian(body);
        var timeout = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]);
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);
        var isAbsolute = (flags & 1) != 0;
        if ((flags & ~1) != 0)
        {
            throw new WasiException(Errno.Invalid);
        }

        // Setting a host's clock must neither shorten nor lengthen a relative wait.
        if (!isAbsolute && clock == WasiClock.RealtimeId)
        {
            clock = WasiClock.MonotonicId;
        }

        var start = isAbsolute || clock is not (WasiClock.RealtimeId or WasiClock.MonotonicId) ? 0 : WasiClock.Now(clock);
        return new Subscription(userData, type, clock, timeout > ulong.MaxValue - start ? ulong.MaxValue : start + timeout, 0);
    }

    private static void Write(Span<byte> bytes, in Event e)
    {
        bytes.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, e.Subscription.UserData);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], (ushort)e.Errno);
        bytes[10] = (byte)e.Subscription.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], e.Available);
    }

    /// <summary>What is waited for: a clock to reach <c>Due</c>, or a descriptor.</summary>
    private readonly record struct Subscription(ulong UserData, EventType Type, uint Clock, ulong Due, uint Descriptor);

    private readonly record struct Event(Subscription Subscription, Errno Errno, ulong Available);
}
