using System.Buffers.Binary;
using System.Globalization;

namespace XdpTop.Tests.Privileged;

/// <summary>IPFIX Messages back to back, as a collector took them off a connection, read by tshark.</summary>
internal static class IpfixStreams
{
    /// <summary>Cuts off a message that is not whole; gives the octets that are left.</summary>
    public static long KeepWholeMessages(string path)
    {
        byte[] octets = File.ReadAllBytes(path);
        int end = 0;
        while (octets.Length - end >= 16)
        {
            Assert.Equal(10, BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(end)));
            int length = BinaryPrimitives.ReadUInt16BigEndian(octets.AsSpan(end + 2));
            if (length > octets.Length - end)
                break;
            end += length;
        }
        using FileStream file = File.OpenWrite(path);
        file.SetLength(end);
        return end;
    }

    /// <summary>Sums by "class of service protocol". No message may be malformed.</summary>
    public static void AddSums(string path, IDictionary<string, FlowSum> sums)
    {
        Assert.Equal("", CaptureTools.Run("tshark", "-n", "-r", path, "-Y", "_ws.malformed || _ws.expert.severity >= warning"));
        foreach (IReadOnlyDictionary<string, string> message in CaptureTools.Fields(path, "cflow.tos", "cflow.protocol", "cflow.packets", "cflow.octets"))
        {
            string[][] columns = [.. message.Values.Select(values => values.Split(',', StringSplitOptions.RemoveEmptyEntries))];
            for (int i = 0; i < columns[0].Length; i++)
            {
                int classOfService = columns[0][i].StartsWith("0x", StringComparison.Ordinal)
                    ? int.Parse(columns[0][i][2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : int.Parse(columns[0][i], CultureInfo.InvariantCulture);
                KnownMix.Add(sums, $"{classOfService} {columns[1][i]}", 1, ulong.Parse(columns[2][i]), ulong.Parse(columns[3][i]));
            }
        }
    }
}
