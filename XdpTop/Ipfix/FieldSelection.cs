using System.Diagnostics.CodeAnalysis;

namespace XdpTop.Ipfix;

/// <summary>Which fields records have: by IPFIX and in text, in the order in which they stand there.</summary>
internal sealed record FieldSelection
{
    private const string Minimal = "minimal";
    private const string Standard = "standard";
    private const string Full = "full";

    private static readonly FlowField[] s_minimal =
    [
        .. FlowFields.All.TakeWhile(field => field != FlowField.IgmpType),
        FlowField.ProtocolIdentifier, FlowField.PacketDeltaCount, FlowField.OctetDeltaCount, FlowField.TcpControlBits,
        FlowField.FlowStartMilliseconds, FlowField.FlowEndMilliseconds,
    ];

    private static readonly FlowField[] s_full = [.. FlowFields.All.TakeWhile(field => field != FlowField.IpVersion)];

    private static readonly FlowField[] s_standard =
    [
        .. s_full.Except([
            FlowField.PayloadOctets, FlowField.Layer2OctetDeltaCount, FlowField.TcpOptions, FlowField.MinimumIpTotalLength,
            FlowField.MaximumIpTotalLength, FlowField.FragmentFlags, FlowField.Ipv4Options, FlowField.Ipv6ExtensionHeaders,
            FlowField.PacketLengthHistogram]),
    ];

    private FieldSelection(IEnumerable<FlowField> ipfix, IEnumerable<FlowField> text)
    {
        Ipfix = [.. ipfix];
        Text = [.. text];
    }

    /// <summary>All that there is to say of a flow.</summary>
    public static readonly FieldSelection Default = Set(s_full);

    /// <summary>Of Data Records.</summary>
    public IReadOnlyList<FlowField> Ipfix { get; }

    /// <summary>Of lines of JSON and CSV.</summary>
    public IReadOnlyList<FlowField> Text { get; }

    /// <summary>
    /// Takes the name of a set, or names of Information Elements with commas between. False with the reason, as one
    /// sentence, if there is no such name.
    /// </summary>
    /// <param name="byteDistribution">Whether byte distributions are counted: sets then have them, too.</param>
    public static bool TryParse(string text, bool byteDistribution, [NotNullWhen(true)] out FieldSelection? selection, out string reason)
    {
        reason = "";
        selection = text switch
        {
            Minimal => Set([.. s_minimal, .. s_full.Where(field => field.Needs() == FlowTraits.ByteDistribution)]),
            Standard => Set(s_standard),
            Full => Default,
            _ => null,
        };
        return selection is not null || TryParseList(text, byteDistribution, out selection, out reason);
    }

    private static bool TryParseList(string text, bool byteDistribution, [NotNullWhen(true)] out FieldSelection? selection, out string reason)
    {
        selection = null;
        List<FlowField> fields = [];
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            FlowField[] found = [.. FlowFields.All.Where(field => field.Name() == name)];
            if (found is not [FlowField field])
            {
                reason = $"there is no element '{name}' for --template: {Advice(name)}";
                return false;
            }
            if (fields.Contains(field))
            {
                reason = $"the element '{name}' is twice in --template: give it once";
                return false;
            }
            if (field.Needs() == FlowTraits.ByteDistribution && !byteDistribution)
            {
                reason = $"the element '{name}' is only counted with --byte-distribution: give that, too";
                return false;
            }
            fields.Add(field);
        }
        // A Template without fields would be its withdrawal (RFC 7011 section 8.1), and any flow may be of any kind.
        if (!fields.Exists(field => field.Needs() == FlowTraits.None && field != FlowField.InterfaceName))
        {
            reason = "--template has no element that all flows have: add one, as protocolIdentifier or octetDeltaCount";
            return false;
        }
        selection = new FieldSelection(fields.Where(field => field != FlowField.InterfaceName), fields);
        reason = "";
        return true;
    }

    // Text has the interface's name in place of its number, which IPFIX needs for want of strings in records, and each time once.
    private static FieldSelection Set(FlowField[] fields) => new(
        fields.Where(field => field != FlowField.InterfaceName),
        fields.Where(field => !(fields.Contains(FlowField.InterfaceName)
            && field is FlowField.IngressInterface or FlowField.EgressInterface or FlowField.FlowStartMilliseconds or FlowField.FlowEndMilliseconds)));

    private static string Advice(string name)
    {
        if (name.StartsWith("reverse", StringComparison.Ordinal))
            return "--biflow adds the reverse elements of all that have one";
        string[] known = [.. FlowFields.All.Select(field => field.Name()), Minimal, Standard, Full];
        return $"the nearest is '{known.MinBy(candidate => Distance(name, candidate))}'";
    }

    /// <summary>Letters to insert, delete or change to make one of the other (Levenshtein), capitals or not.</summary>
    private static int Distance(string one, string other)
    {
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int change = diagonal + (char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
