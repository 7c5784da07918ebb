namespace XdpTop.Capture;

/// <summary>A capture cannot begin. The message is one sentence: operation, cause, remedy.</summary>
internal sealed class CaptureException(string message, Exception? cause = null) : Exception(message, cause);
