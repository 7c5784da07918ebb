namespace XdpTop.Ui;

/// <summary>
/// While there is one, an exception that no thread catches gives the terminal back before the runtime says what it was and ends
/// the program.
/// </summary>
internal sealed class CrashGuard : IDisposable
{
    /// <summary>The screen's thread may hold what is needed for it; a terminal that is not given back is better than no end.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Action _giveBack;

    /// <param name="giveBack">Gives the terminal back. Called by a thread of its own.</param>
    public CrashGuard(Action giveBack)
    {
        _giveBack = giveBack;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandledException;
    }

    public void Dispose() => AppDomain.CurrentDomain.UnhandledException -= OnUnhandledException;

    /// <summary>What the runtime calls on the thread that ends by the exception. Fails never.</summary>
    internal void OnUnhandledException(object sender, UnhandledExceptionEventArgs exception)
    {
        Thread helper = new(() =>
        {
            try
            {
                _giveBack();
            }
            catch (Exception)
            {
                // There is one exception to tell of already.
            }
        })
        { IsBackground = true, Name = "crash" };
        helper.Start();
        helper.Join(s_patience);
    }
}
