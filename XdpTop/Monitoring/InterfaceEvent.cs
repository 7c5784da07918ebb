namespace XdpTop.Monitoring;

/// <summary>Something that befell an interface while it was captured from.</summary>
/// <param name="Time">When it was noticed, UTC.</param>
/// <param name="Interface">Its name, as it can go to a terminal.</param>
/// <param name="Message">For people: what happened, and what is done about it.</param>
internal sealed record InterfaceEvent(DateTime Time, string Interface, InterfaceEventKind Kind, string Message);

/// <summary>The names in JSON are these with a small letter first.</summary>
internal enum InterfaceEventKind
{
    /// <summary>It was set down.</summary>
    Down,

    /// <summary>It is set up, but has no carrier.</summary>
    NoCarrier,

    /// <summary>It can carry packets again.</summary>
    Up,

    /// <summary>It is there no more, or has another name.</summary>
    Gone,

    /// <summary>It has come back, and is captured from.</summary>
    Back,

    /// <summary>It has come back, or has changed, and cannot be captured from; that is tried again.</summary>
    NotCaptured,

    /// <summary>Its MTU is another.</summary>
    MtuChanged,

    /// <summary>Its number of RX queues is another.</summary>
    QueuesChanged,

    /// <summary>The host has begun to use it.</summary>
    InUse,

    /// <summary>Something that was asked for turns out to have no effect.</summary>
    NoEffect,

    /// <summary>Somebody else has detached xdptop's programs.</summary>
    Detached,
}
