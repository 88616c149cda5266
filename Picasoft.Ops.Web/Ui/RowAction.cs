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

/// <summary>An instant was chosen by the reader's clock. Sent for an <c>input</c> of a field with <c>data-instant</c>.</summary>
public sealed class InstantArgs : EventArgs
{
    /// <summary>In UTC, ISO 8601; "": none, or not whole yet.</summary>
    public string At { get; set; } = "";
}

/// <summary>Lets a list say <c>@onrowaction</c>, and a field <c>@oninstant</c>.</summary>
[EventHandler("onrowaction", typeof(RowActionArgs), enableStopPropagation: true, enablePreventDefault: true)]
[EventHandler("oninstant", typeof(InstantArgs), enableStopPropagation: true, enablePreventDefault: true)]
public static class EventHandlers;
