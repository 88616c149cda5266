using Microsoft.AspNetCore.Components;

namespace Picasoft.Ops.Web.Ui;

/// <summary>Somebody did something to a row of a list, by click or key. Sent by a page's module as <c>rowaction</c>; heard once, on the list.</summary>
public sealed class RowActionArgs : EventArgs
{
    public long Number { get; set; }

    /// <summary>The button's <c>data-do</c>.</summary>
    public string Action { get; set; } = "";

    /// <summary>For <c>selected</c>: all rows that are ticked.</summary>
    public IReadOnlyList<long> Selected { get; set; } = [];
}

/// <summary>Lets a list say <c>@onrowaction</c>.</summary>
[EventHandler("onrowaction", typeof(RowActionArgs), enableStopPropagation: true, enablePreventDefault: true)]
public static class EventHandlers;
