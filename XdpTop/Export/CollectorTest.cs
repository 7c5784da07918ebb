using System.Globalization;
using System.Net.Sockets;
using XdpTop.Ipfix;

namespace XdpTop.Export;

/// <summary>
/// Tries whether a collector can be reached: by a session of its own that brings the Templates and ends. Disturbs no session
/// that there is: its messages are of no Observation Domain (0, RFC 7011 section 3.1), so that no Sequence Numbers mix.
/// Any thread.
/// </summary>
internal sealed class CollectorTest(ExportOptions options, IReadOnlyList<ObservationPoint> observationPoints, TransportConnector connect)
{
    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_deliveryTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_refusalPatience = TimeSpan.FromSeconds(1); // for an answer by ICMP
    private static readonly TimeSpan s_lookInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Gives whether all is well as far as can be known, and what happened, as one sentence that is safe to show. Returns at
    /// once; takes up to 20 seconds where nothing answers. Fails by being cancelled alone.
    /// </summary>
    /// <param name="url">As the user gives it.</param>
    public async Task<(bool IsWell, string Sentence)> RunAsync(string url, CancellationToken cancellation)
    {
        if (!CollectorAddress.TryParse(url, out CollectorAddress? collector, out string reason))
            return (false, reason);
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_connectTimeout);
        try
        {
            // Not on the caller's thread, whatever connecting does first.
            ITransport connected = await Task.Run(() => connect(collector, timeout.Token), timeout.Token).ConfigureAwait(false);
            using ITransport transport = connected;
            return await SendTemplatesAsync(transport, collector, cancellation).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            return (false, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (false, $"the collector {collector} does not answer");
        }
    }

    private async Task<(bool IsWell, string Sentence)> SendTemplatesAsync(
        ITransport transport, CollectorAddress collector, CancellationToken cancellation)
    {
        long octets = 0;
        ulong messages = 0;
        foreach (byte[] message in Messages(transport.MaximumMessageLength))
        {
            SocketError error;
            while ((error = transport.Send(message)) == SocketError.WouldBlock && transport.Failure.Length == 0)
                await Task.Delay(s_lookInterval, cancellation).ConfigureAwait(false);
            if (error != SocketError.Success)
                return (false, transport.Failure.Length > 0 ? transport.Failure : SentenceOf(error, collector));
            octets += message.Length;
            messages++;
        }
        SocketError left = transport.Flush();
        if (left != SocketError.Success)
            return (false, SentenceOf(left, collector));
        string sent = string.Create(CultureInfo.InvariantCulture, $"{octets:N0} octets of templates");
        if (!transport.IsReliable)
        {
            await Task.Delay(s_refusalPatience, cancellation).ConfigureAwait(false);
            SocketError error = transport.TakeError();
            return error == SocketError.Success
                ? (true, $"sent {sent} to {transport.Peer}: not refused; UDP tells no more")
                : (false, SentenceOf(error, collector));
        }
        for (TimeSpan waited = TimeSpan.Zero; waited < s_deliveryTimeout; waited += s_lookInterval)
        {
            if (transport.Delivered == messages)
                return (true, $"connected to {transport.Peer}{(collector.Transport == TransportProtocol.Tls ? ", its certificate is trusted" : "")}: it has {sent}");
            if (transport.Failure.Length > 0)
                return (false, transport.Failure);
            await Task.Delay(s_lookInterval, cancellation).ConfigureAwait(false);
        }
        return (false, $"connected to {transport.Peer}, but it takes nothing");
    }

    /// <summary>The Templates and what goes with them, without Data Records of flows.</summary>
    private List<byte[]> Messages(int maximumLength)
    {
        ExportContent content = new(options, observationPoints);
        MessageWriter writer = new(new byte[ushort.MaxValue], observationDomainId: 0, content.Templates) { MaximumLength = maximumLength };
        List<byte[]> messages = [];
        foreach (EncodedRecord record in content.Announcements)
        {
            if (writer.TryAdd(record))
                continue;
            End();
            writer.TryAdd(record);
        }
        End();
        return messages;

        void End()
        {
            messages.Add(writer.Complete(DateTimeOffset.UtcNow).ToArray());
            writer.Next();
        }
    }

    private static string SentenceOf(SocketError error, CollectorAddress collector) => error == SocketError.ConnectionRefused
        ? $"the collector {collector} refuses: nothing listens on its port"
        : $"sending to the collector {collector} failed: {new SocketException((int)error).Message}";
}
