using XdpTop.Export;
using XdpTop.Ui;

namespace XdpTop.Cli;

/// <summary>Lets the screen drive the Exporting Process.</summary>
internal sealed class ExportControl(ExportingProcess exporting) : IExportControl
{
    public ExportState State
    {
        get
        {
            ExportStatus status = exporting.Status;
            return new ExportState
            {
                IsOn = status.IsOn,
                Collector = status.Collector,
                Problem = status.Problem,
                RecordsSent = status.RecordsSent,
                RecordsLost = status.RecordsLost,
                RecordsWaiting = status.RecordsWaiting,
            };
        }
    }

    public void SwitchOn() => exporting.SwitchOn();

    public void SwitchOff() => exporting.SwitchOff();

    public bool TrySetCollector(string url, out string reason) => exporting.TrySetCollector(url, out reason);
}
