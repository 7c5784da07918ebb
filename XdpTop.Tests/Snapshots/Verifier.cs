using System.Runtime.CompilerServices;

namespace XdpTop.Tests.Snapshots;

/// <summary>
/// Compares a text with the one that was accepted before, with the call and the files of the Verify package (which
/// takes this class's place when this file is deleted): Class.Method.verified.txt beside the test is what is right,
/// Class.Method.received.txt is what came instead. To accept a change, rename the latter to the former.
/// </summary>
internal static class Verifier
{
    public static Task Verify(string text, [CallerFilePath] string file = "", [CallerMemberName] string method = "") =>
        Verify(text, "", file, method);

    /// <param name="parameters">Tells apart the texts of one theory, as in Class.Method_80x24.verified.txt.</param>
    public static async Task Verify(
        string text, string parameters, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        string name = $"{Path.GetFileNameWithoutExtension(file)}.{method}{(parameters == "" ? "" : "_" + parameters)}";
        string verified = Path.Combine(Path.GetDirectoryName(file)!, name + ".verified.txt");
        string received = Path.ChangeExtension(Path.ChangeExtension(verified, null), ".received.txt");
        text = text.ReplaceLineEndings("\n");
        string expected = File.Exists(verified)
            ? (await File.ReadAllTextAsync(verified)).ReplaceLineEndings("\n")
            : "(there is no verified file yet)";
        if (expected == text)
        {
            File.Delete(received);
            return;
        }
        await File.WriteAllTextAsync(received, text);
        Assert.Fail($"{name}: the text is not as verified.\n--- verified\n{expected}\n--- received\n{text}");
    }
}
