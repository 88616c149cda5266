namespace Picasoft.Ops.Web.Live;

/// <summary>
/// Whether the parts of a page that just began to live have all read what they show. Until then the browser keeps showing the page that the server had drawn (shell.js):
/// without it the content would vanish and come back. One of each circuit.
/// </summary>
public sealed class Settling
{
    private int _reading;

    /// <summary>For good: a page that is navigated to later draws itself as it reads.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>On the circuit, when the last part is drawn.</summary>
    public event Action? Settled;

    /// <summary>A part reads for the first time.</summary>
    public void Begin() => _reading++;

    /// <summary>And was drawn with what it read, or is gone. What it contains has begun by then.</summary>
    public void End()
    {
        _reading--;
        Look();
    }

    /// <summary>Settles if nobody reads.</summary>
    public void Look()
    {
        if (IsSettled || _reading > 0) return;
        IsSettled = true;
        Settled?.Invoke();
    }
}
