namespace XdpTop.Ui.ViewModels;

/// <summary>The views, and what lies over them. The first six have a number key each, in this order.</summary>
internal enum ScreenPage
{
    Flows,
    Hosts,
    Ports,
    Queues,
    Graphs,
    Export,

    /// <summary>One conversation: over the flows.</summary>
    Details,

    /// <summary>Over any other.</summary>
    Help,

    /// <summary>Over any other.</summary>
    Settings,
}

/// <summary>A set of views.</summary>
[Flags]
internal enum ScreenPages
{
    Flows = 1 << ScreenPage.Flows,
    Hosts = 1 << ScreenPage.Hosts,
    Ports = 1 << ScreenPage.Ports,
    Queues = 1 << ScreenPage.Queues,
    Graphs = 1 << ScreenPage.Graphs,
    Export = 1 << ScreenPage.Export,
    Details = 1 << ScreenPage.Details,

    /// <summary>Those of flows and of what is put together from them.</summary>
    Tables = Flows | Hosts | Ports,

    All = ~0,
}

/// <summary>One view of the screen: what it shows and what the keys do that mean something else in each view.</summary>
internal abstract class PageModel
{
    /// <summary>What the view is, and how to read it: for the help, in lines of 78 characters at most.</summary>
    public abstract IReadOnlyList<string> Help { get; }

    /// <summary>Keys that any view has a use for.</summary>
    public static IReadOnlyList<(string Keys, string Label)> CommonKeys { get; } = [("Tab", "View"), ("Space", "Pause"), ("e", "Export"), ("F9", "Menu")];

    /// <summary>The keys to name in the last line, after those to quit and for help: the most useful ones first.</summary>
    public virtual IReadOnlyList<(string Keys, string Label)> Keys => CommonKeys;

    /// <summary>How far PgUp and PgDn go.</summary>
    public virtual int PageSize => 1;

    /// <summary>Rows of a table that can be written to a file; 0 where there is none.</summary>
    public virtual int RowCount => 0;

    /// <summary>What there is beyond the last row, as a sentence; empty where the rows are all there is.</summary>
    public virtual string Rest => "";

    /// <summary>The row under the cursor, or -1.</summary>
    public virtual int Cursor => -1;

    /// <summary>What a table of this width is sorted by, if it has no column for that; else empty.</summary>
    public virtual string HiddenOrder(int width) => "";

    /// <summary>Writes the view to the grid, which is blank.</summary>
    public abstract void Draw(CellGrid grid);

    /// <summary>Takes a key that means something else in this view than in others. False if it does not.</summary>
    public virtual bool Handle(string key) => false;

    /// <summary>Moves the cursor by some rows, or scrolls where there is none.</summary>
    public virtual void Move(int rows)
    {
    }

    /// <summary>The mouse wheel.</summary>
    public virtual void Scroll(int rows) => Move(Math.Sign(rows));

    /// <summary>A click on a cell of the view.</summary>
    public virtual void Click(int column, int row)
    {
    }

    /// <summary>Whether a click on this row of the view puts the cursor somewhere.</summary>
    public virtual bool HasRowAt(int row) => false;

    /// <summary>Enter: goes into what is under the cursor.</summary>
    public virtual void Enter()
    {
    }

    /// <summary>Esc: true if that closed something of the view's own.</summary>
    public virtual bool TryLeave() => false;

    /// <summary>A row for a file or the clipboard: names and whole values, which are numbers or text.</summary>
    public virtual IEnumerable<(string Name, object Value)> Fields(int row) => [];
}
