namespace XdpTop.Monitoring.Filters;

internal enum FilterToken
{
    /// <summary>A keyword, a number, an address, or text to look for: what it is depends on where it stands.</summary>
    Word,

    /// <summary>"Text": with its quotes.</summary>
    Quoted,

    /// <summary>/pattern/: with its slashes.</summary>
    Pattern,
    Open,
    Close,
    Not,
    And,
    Or,

    /// <summary>&lt;, &lt;=, &gt;, &gt;=, =, == or !=.</summary>
    Comparison,
}
