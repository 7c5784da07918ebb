namespace XdpTop.Capture;

/// <summary>What a worker does while there are no frames.</summary>
internal enum WaitMode
{
    /// <summary>Sleeps until the kernel has some.</summary>
    Poll,

    /// <summary>
    /// Has the driver look for some, in the worker's own thread, while the interface's interrupts are put off:
    /// https://docs.kernel.org/networking/napi.html#busy-polling. Never sleeps.
    /// </summary>
    BusyPoll,

    /// <summary>Looks at the ring again and again. Never sleeps.</summary>
    Spin,
}
