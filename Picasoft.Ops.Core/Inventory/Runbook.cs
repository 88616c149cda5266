namespace Picasoft.Ops.Core.Inventory;

/// <summary>What people wrote on how to bring a service back: Markdown, or an address where it is kept. Pure.</summary>
public static class Runbook
{
    public static bool IsElsewhere(string? runbook) => runbook?.TrimStart() is { } text && (text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal));

    /// <summary>Whether something that was done is a step of it already.</summary>
    public static bool Has(string? runbook, string text, string? command) => runbook is not null && $"{runbook.Trim()}\n".Contains($"{Step(text, command)}\n", StringComparison.Ordinal);

    /// <summary>A list item; the command is code, whatever is in it: no line of it can end a fence that is longer than any in it.</summary>
    public static string Step(string text, string? command)
    {
        var step = $"- {text.Trim().ReplaceLineEndings("\n  ")}";
        if (string.IsNullOrWhiteSpace(command)) return step;
        var fence = "```";
        while (command.Contains(fence, StringComparison.Ordinal)) fence += "`";
        return $"{step}\n\n  {fence}\n  {command.Trim().ReplaceLineEndings("\n  ")}\n  {fence}";
    }
}
