using System.Buffers;
using System.Text;
using XdpTop.Cli;
using XdpTop.Export;

namespace XdpTop.Tests.Cli;

public sealed class ExportNewsTests
{
    private const string Url = "tcp://10.0.0.9:4739";
    private readonly ExportNews _news = new();

    [Fact]
    public void A_collector_that_fails_is_said_once_and_when_it_is_there_again()
    {
        Assert.Empty(Since(CollectorState.Connecting));
        Assert.Empty(Since(CollectorState.Up));
        Assert.Equal(["it refuses"], Since(CollectorState.Failing, "it refuses"));
        Assert.Empty(Since(CollectorState.Failing, "it refuses still"));
        Assert.Empty(Since(CollectorState.Connecting));
        Assert.Empty(Since(CollectorState.Failing, "it refuses"));
        Assert.Equal([$"the collector {Url} takes records again"], Since(CollectorState.Up));
        Assert.Empty(Since(CollectorState.Up));
        Assert.Equal(["it refuses"], Since(CollectorState.Failing, "it refuses"));
    }

    [Fact]
    public void An_output_that_fails_is_said_once_however_many_records_are_not_in_it()
    {
        Assert.Equal(["no room; 1 records"], Since(CollectorState.Up, outputProblem: "no room; 1 records"));
        Assert.Empty(Since(CollectorState.Up, outputProblem: "no room; 2 records"));
    }

    [Fact]
    public void Events_are_lines_of_JSON()
    {
        ArrayBufferWriter<byte> lines = new();
        EventText.WriteJson(lines, new ExportEvent(DateTime.UnixEpoch, Url, IsWell: false, "it refuses"));
        EventText.WriteJson(lines, new ExportEvent(DateTime.UnixEpoch, Collector: null, IsWell: false, "no \"room\""));
        Assert.Equal(
            """{"type":"event","time":"1970-01-01T00:00:00Z","collector":"tcp://10.0.0.9:4739","event":"collectorFailing","message":"it refuses"}""" + "\n"
            + """{"type":"event","time":"1970-01-01T00:00:00Z","event":"outputFailed","message":"no \u0022room\u0022"}""" + "\n",
            Encoding.UTF8.GetString(lines.WrittenSpan));
    }

    private IEnumerable<string> Since(CollectorState state, string problem = "", string outputProblem = "") => _news.Since(
        new ExportStatus { Collectors = [new CollectorStatus { Url = Url, State = state, Problem = problem }], OutputProblem = outputProblem },
        DateTime.UnixEpoch).Select(news => news.Message);
}
