using System.Globalization;
using XdpTop.Packets;

namespace XdpTop.Monitoring.Names;

/// <summary>Names of services by port, and ports by name: a table that comes with the program, read at its first use. Any thread.</summary>
internal static class ServiceNames
{
    private const string Resource = "services.txt";

    private static readonly Lazy<Table> s_table = new(Read);

    /// <summary>The name of the service at this port of this protocol, or null. Does not allocate.</summary>
    public static string? Find(ushort port, byte protocol) =>
        s_table.Value.Names.GetValueOrDefault((port, protocol));

    /// <summary>Finds the port of a service by one of its names, in lower case.</summary>
    public static bool TryFindPort(string name, out ushort port) => s_table.Value.Ports.TryGetValue(name, out port);

    private static Table Read()
    {
        Table table = new();
        using Stream stream = typeof(ServiceNames).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the program lacks its {Resource}");
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            string[] words = line.Split(' ');
            int slash = words[1].IndexOf('/');
            ushort port = ushort.Parse(words[1].AsSpan(0, slash), CultureInfo.InvariantCulture);
            table.Names.TryAdd((port, Protocol(words[1][(slash + 1)..])), words[0]);
            table.Ports[words[0].ToLowerInvariant()] = port; // before one that only goes by this name, too
            foreach (string other in words.AsSpan(2))
                table.Ports.TryAdd(other.ToLowerInvariant(), port);
        }
        return table;
    }

    private static byte Protocol(string name) => name switch
    {
        "tcp" => IpProtocol.Tcp,
        "udp" => IpProtocol.Udp,
        "sctp" => IpProtocol.Sctp,
        _ => IpProtocol.Dccp,
    };

    private sealed class Table
    {
        public Dictionary<(ushort Port, byte Protocol), string> Names { get; } = [];

        public Dictionary<string, ushort> Ports { get; } = [];
    }
}
