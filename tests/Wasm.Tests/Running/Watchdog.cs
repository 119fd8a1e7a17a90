using System.Runtime.ExceptionServices;

namespace HeliosEdge.Wasm.Tests.Running;

/// <summary>Runs an action on a thread of its own and turns a hang into a failure.</summary>
internal static class Watchdog
{
    public const int DefaultSeconds = 60;

    /// <summary>Runs the action; what it throws is thrown here. A stack size of 0 is the runtime's default.</summary>
    public static void Run(Action action, int seconds = DefaultSeconds, int stackBytes = 0)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            stackBytes)
        {
            IsBackground = true,
        };
        thread.Start();
        if (!thread.Join(TimeSpan.FromSeconds(seconds)))
        {
            throw new TimeoutException($"Did not finish in {seconds} s.");
        }

        failure?.Throw();
    }

    /// <summary>As <see cref="Run(Action, int, int)"/>, with a result.</summary>
    public static T Run<T>(Func<T> function, int seconds = DefaultSeconds, int stackBytes = 0)
    {
        T result = default!;
        Run(() => { result = function(); }, seconds, stackBytes);
        return result;
    }
}
