using XdpTop.Ipfix;
using XdpTop.Native;

namespace XdpTop.Export;

/// <summary>Makes outputs for the names that users give.</summary>
internal static class RecordOutputs
{
    /// <summary>The name of standard output, as JSON Lines.</summary>
    public const string StandardOutput = "-";

    /// <summary>
    /// Opens an output by the ending of its name: .csv, .ipfix, or JSON Lines for any other. A file that exists is
    /// overwritten. Throws <see cref="IOException"/>, with one sentence, if it cannot be created.
    /// </summary>
    /// <param name="givesUp">Is asked again and again while nobody reads what is a pipe or a terminal; null: it is waited for.</param>
    /// <param name="rotation">When to go on in a new file, which has the time in its name; null for one file of this name.</param>
    public static IRecordOutput Open(
        string path, IReadOnlyList<ObservationPoint> observationPoints, ExportOptions options, TimeProvider time, Rotation? rotation = null,
        Func<bool>? givesUp = null)
    {
        return rotation is null ? Write(Create(path, givesUp ?? (() => false))) : new RotatingOutput(path, rotation, time, CreateFile, Write);

        IRecordOutput Write(Stream file)
        {
            string name = $"'{path}'";
            return Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".csv" => Csv(name, file, observationPoints, options),
                ".ipfix" => new IpfixFileOutput(name, file, options, observationPoints, time),
                _ => JsonLines(name, file, observationPoints, options.Fields),
            };
        }
    }

    /// <summary>JSON Lines on standard output, which the program writes other things to as well.</summary>
    public static IRecordOutput OnStandardOutput(
        Stream standardOutput, IReadOnlyList<ObservationPoint> observationPoints, FieldSelection fields) =>
        JsonLines("standard output", standardOutput, observationPoints, fields, leaveOpen: true);

    private static TextOutput JsonLines(
        string name, Stream stream, IReadOnlyList<ObservationPoint> observationPoints, FieldSelection fields, bool leaveOpen = false)
    {
        FlowRecordJson json = new(observationPoints, fields);
        return new TextOutput(name, stream, [], json.WriteEnded, json.WriteEndedBiflow, leaveOpen);
    }

    private static TextOutput Csv(string name, Stream stream, IReadOnlyList<ObservationPoint> observationPoints, ExportOptions options)
    {
        FlowRecordCsv csv = new(observationPoints, options.Records, options.Fields);
        return new TextOutput(name, stream, csv.Header, csv.Write, csv.WriteBiflow);
    }

    private static Stream Create(string path, Func<bool> givesUp) =>
        FileDescriptor.IsPipeOrDevice(path) ? Guard(path, () => new DeviceStream(path, givesUp)) : CreateFile(path);

    private static FileStream CreateFile(string path) =>
        Guard(path, () => new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0));

    private static T Guard<T>(string path, Func<T> create)
    {
        try
        {
            return create();
        }
        catch (Exception exception) when (OutputFiles.IsFailure(exception))
        {
            string cause = Directory.Exists(path) ? "it is a directory" : OutputFiles.Cause(exception);
            throw new IOException(
                $"the output '{path}' cannot be created: {cause}; name a file that can be written",
                exception);
        }
    }
}
