using XdpTop.Ui;

namespace XdpTop.Tests.Ui;

public sealed class CrashGuardTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_terminal_is_given_back_once_by_another_thread_and_a_failure_of_that_is_no_second_crash(bool fails)
    {
        List<int> threads = [];
        using CrashGuard guard = new(() =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            if (fails)
                throw new InvalidOperationException("as told");
        });
        guard.OnUnhandledException(this, new UnhandledExceptionEventArgs(new InvalidOperationException("the crash"), isTerminating: true));
        Assert.NotEqual(Environment.CurrentManagedThreadId, Assert.Single(threads));
    }
}
