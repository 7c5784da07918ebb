using System.Collections.Concurrent;
using System.Net;
using XdpTop.Monitoring.Names;
using XdpTop.Native;
using XdpTop.Packets;
using XdpTop.Tests.Export;

namespace XdpTop.Tests.Monitoring.Names;

public sealed class HostNamesTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);
    private static readonly IpAddress s_host = IpAddress.Parse("10.0.0.1");

    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("www.example.org", "www.example.org")]
    [InlineData("www.example.org.", "www.example.org")]
    [InlineData("_dmarc.xn--bcher-kva.example", "_dmarc.xn--bcher-kva.example")]
    [InlineData("a\e[2Jb", "a??2Jb")]
    [InlineData("a\u009b31mb", "a?31mb")]
    [InlineData("a\u202egro.elpmaxe", "a?gro.elpmaxe")]
    [InlineData("a\u2066b\u200fc\u200bd", "a?b?c?d")]
    [InlineData("a\r\nb\tc\0d\u007f", "a??b?c?d?")]
    [InlineData("ехаmple.org", "???mple.org")] // Cyrillic letters
    [InlineData("a b|c;$(d)`e`", "a?b?c???d??e?")]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("192.0.2.1", null)]
    [InlineData("2001:db8::1", null)]
    public void A_name_is_shown_as_what_a_host_name_may_hold(string name, string? shown) =>
        Assert.Equal(shown, Ask(_ => name));

    [Fact]
    public void A_name_that_is_too_long_is_cut_off()
    {
        string shown = Ask(_ => new string('a', 100_000))!;
        Assert.Equal(new string('a', HostName.MaximumLength - 1) + "~", shown);
    }

    [Fact]
    public void Any_name_is_printable_ASCII()
    {
        Random random = new(7);
        for (int i = 0; i < 1000; i++)
        {
            string name = string.Create(random.Next(300), random, (text, random) =>
            {
                foreach (ref char c in text)
                    c = (char)random.Next(char.MaxValue + 1);
            });
            Assert.All(HostName.Clean(name) ?? "", c => Assert.InRange(c, '!', '~'));
        }
    }

    [Fact]
    public void Nobody_waits_for_an_answer()
    {
        using ManualResetEventSlim answers = new();
        using HostNames names = new((_, _) => Wait(answers, "late.example"), _time);
        Assert.Null(names.Find(in s_host, 4)); // would hang here
        answers.Set();
        Assert.Equal("late.example", Await(names, s_host));
    }

    [Fact]
    public void Questions_are_bounded_in_number_and_rate()
    {
        using ManualResetEventSlim answers = new();
        ConcurrentBag<IpAddress> asked = [];
        int under = 0, most = 0;
        using HostNames names = new(
            (address, _) =>
            {
                asked.Add(address);
                InterlockedMaximum(ref most, Interlocked.Increment(ref under));
                Wait(answers, null);
                Interlocked.Decrement(ref under);
                return "x";
            },
            _time);
        for (int second = 0; second < 10; second++)
        {
            for (uint i = 0; i < 1000; i++)
                names.Find(IpAddress.FromIPv4(i), 4);
            if (second == 0)
                Assert.InRange(asked.Count, 0, HostNames.MostPerSecond);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.True(SpinWait.SpinUntil(() => asked.Count == HostNames.MostAtOnce, s_patience));
        answers.Set();
        // Those that waited when the questions stopped, and none that found no room.
        Assert.True(SpinWait.SpinUntil(() => asked.Count >= HostNames.MostWaiting && Volatile.Read(ref under) == 0, s_patience));
        Assert.InRange(asked.Count, HostNames.MostWaiting, HostNames.MostWaiting + HostNames.MostAtOnce);
        Assert.Equal(HostNames.MostAtOnce, most);
    }

    [Fact]
    public void Answers_expire_and_those_without_a_name_sooner()
    {
        int asked = 0;
        string? answer = null;
        using HostNames names = new((_, _) => { Interlocked.Increment(ref asked); return Volatile.Read(ref answer); }, _time);
        names.Find(in s_host, 4);
        AwaitAnswers(names);
        _time.Advance(HostNames.NegativeLifetime - TimeSpan.FromSeconds(1));
        Assert.Null(names.Find(in s_host, 4));
        Assert.Equal(1, asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        answer = "one.example";
        names.Find(in s_host, 4);
        Assert.Equal("one.example", Await(names, s_host));
        answer = "other.example";
        _time.Advance(HostNames.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal("one.example", names.Find(in s_host, 4));
        Assert.Equal(2, asked);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("one.example", names.Find(in s_host, 4)); // until the new one is there
        Assert.True(SpinWait.SpinUntil(() => names.Find(in s_host, 4) == "other.example", s_patience));
    }

    [Fact]
    public void Answers_are_kept_in_a_bounded_number()
    {
        int asked = 0;
        using HostNames names = new((_, _) => { Interlocked.Increment(ref asked); return "x.example"; }, _time);
        for (uint i = 0; i <= HostNames.MostKept; i++)
        {
            IpAddress address = IpAddress.FromIPv4(i);
            _time.Advance(TimeSpan.FromMilliseconds(1000.0 / HostNames.MostPerSecond));
            Assert.Equal("x.example", Await(names, address));
        }
        int before = Volatile.Read(ref asked);
        names.Find(IpAddress.FromIPv4(0), 4);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref asked) == before + 1, s_patience));
    }

    [Fact]
    public void A_name_that_is_known_takes_no_allocation()
    {
        using HostNames names = new((_, _) => "x.example", _time);
        Await(names, s_host);
        long before = GC.GetAllocatedBytesForCurrentThread();
        names.Find(in s_host, 4);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_system_knows_its_own_name_of_the_loopback_address() =>
        Assert.NotEmpty(HostNameLookup.Resolve(IPAddress.Loopback) ?? "");

    private string? Ask(Func<IpAddress, string> answer)
    {
        using HostNames names = new((address, _) => answer(address), _time);
        names.Find(in s_host, 4);
        AwaitAnswers(names);
        return names.Find(in s_host, 4);
    }

    private static void AwaitAnswers(HostNames names) => Assert.True(SpinWait.SpinUntil(() => names.UnderWay == 0, s_patience));

    private static string Await(HostNames names, IpAddress address)
    {
        string? name = null;
        Assert.True(SpinWait.SpinUntil(() => (name = names.Find(in address, 4)) is not null, s_patience));
        return name!;
    }

    private static string? Wait(ManualResetEventSlim answers, string? name)
    {
        answers.Wait(s_patience);
        return name;
    }

    private static void InterlockedMaximum(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
