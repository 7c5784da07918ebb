using XdpTop.Monitoring;
using XdpTop.Monitoring.Filters;

namespace XdpTop.Tests.Monitoring.Filters;

public sealed class FilterFuzzTests
{
    private static readonly string[] s_pieces =
    [
        "host", "net", "port", "portrange", "src", "dst", "tcp", "udp", "ip6", "proto", "vlan", "flags", "bps", "age", "ttl", "and", "or", "not",
        "&&", "||", "!", "(", ")", "<", ">=", "!=", "=", "/", "\"", "10.0.0.1", "10.0.0.0/8", "::1", "443", "https", "1-2", "10M", "5", ":", "-", "\\",
        " ", " ", " ", "\t", "\n", "\0", "é", "漢", "\ud83d", "[", "{9}", "*", "?", "é\u0301", "S", "99999999999999999999999", "1e5", "nan",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Any_text_is_a_filter_or_has_a_place_that_is_wrong(int seed)
    {
        Random random = new(seed);
        FlowRow row = RandomFilter.Row(random);
        for (int i = 0; i < 10_000; i++)
        {
            string text = Text(random);
            FilterError? error = DisplayFilter.Read(text, out DisplayFilter filter);
            if (error is null)
            {
                filter.Matches(in row, now: 0);
            }
            else
            {
                Assert.InRange(error.Position, 0, text.Length);
                Assert.InRange(error.Length, error.Position == text.Length ? 0 : 1, text.Length - error.Position);
                Assert.StartsWith("expected ", error.Message, StringComparison.Ordinal);
            }
        }
    }

    private static string Text(Random random) =>
        random.Next(4) == 0
            ? string.Create(random.Next(30), random, (text, random) =>
            {
                foreach (ref char c in text)
                    c = (char)random.Next(random.Next(2) == 0 ? 128 : char.MaxValue + 1);
            })
            : string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => s_pieces[random.Next(s_pieces.Length)] + (random.Next(3) > 0 ? " " : "")));
}
