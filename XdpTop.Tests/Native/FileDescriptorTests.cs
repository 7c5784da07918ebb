using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using XdpTop.Native;

namespace XdpTop.Tests.Native;

public sealed partial class FileDescriptorTests
{
    private const int Sigcont = 18;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_signal_is_not_taken_for_room_in_a_pipe_that_is_full()
    {
        using AnonymousPipeServerStream reader = new(PipeDirection.In);
        int pipe = (int)reader.ClientSafePipeHandle.DangerousGetHandle();
        byte[] bytes = new byte[4096];
        while (FileDescriptor.WriteAll(pipe, bytes, givesUp: () => true))
        {
        }
        // .NET has a handler for it from here on, so that poll(2) ends early.
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGCONT, context => context.Cancel = true);
        using ManualResetEventSlim hasBegun = new(), hasEnded = new(), mayGo = new();
        nint self = 0;
        int asked = 0;
        bool isWritten = true;
        Thread writer = new(() =>
        {
            self = pthread_self();
            hasBegun.Set();
            isWritten = FileDescriptor.WriteAll(pipe, bytes, givesUp: () => ++asked == 10);
            hasEnded.Set();
            mayGo.Wait(); // what has gone cannot be sent a signal
        })
        { IsBackground = true };
        writer.Start();
        Assert.True(hasBegun.Wait(s_patience));
        Stopwatch clock = Stopwatch.StartNew();
        while (!hasEnded.Wait(TimeSpan.FromMilliseconds(10)))
        {
            Assert.True(clock.Elapsed < s_patience, "it waits for ever");
            _ = pthread_kill(self, Sigcont);
        }
        mayGo.Set();
        writer.Join();
        Assert.False(isWritten);
        Assert.Equal(10, asked);
    }

    // pthread_t pthread_self(void);
    [LibraryImport("libc")]
    private static partial nint pthread_self();

    // int pthread_kill(pthread_t thread, int sig);
    [LibraryImport("libc")]
    private static partial int pthread_kill(nint thread, int sig);
}
