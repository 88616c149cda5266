using Fluid;
using Fluid.Ast;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>Goes through a template and finds what it may not do, or what would come to nothing.</summary>
/// <param name="filters">Those that there are.</param>
/// <param name="known">Names of the values that there are; null: any.</param>
internal sealed class TemplateInspector(FilterCollection filters, IReadOnlyCollection<string>? known) : AstVisitor
{
    // A list is made of a range before the first of it is looked at.
    private const int LongestRange = 100;

    private readonly List<(string Word, Phrase Words)> _wrong = [];
    private readonly List<string> _named = [];
    private readonly HashSet<string> _made = new(["forloop", "tablerowloop", "empty", "blank", "nil"], StringComparer.Ordinal);

    /// <summary>What is wrong, with the word it is about.</summary>
    public IReadOnlyList<(string Word, Phrase Words)> Wrong =>
        [.. _wrong, .. known is null ? [] : _named.Distinct(StringComparer.Ordinal).Where(n => !_made.Contains(n) && !known.Contains(n, StringComparer.Ordinal)).Select(n => (n, Phrase.Of("template.unknown_value", n)))];

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (!filters.TryGetValue(filterExpression.Name, out _)) _wrong.Add((filterExpression.Name, Phrase.Of("template.unknown_filter", filterExpression.Name)));
        return base.VisitFilterExpression(filterExpression);
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment { Identifier: { } name }, ..]) _named.Add(name);
        return base.VisitMemberExpression(memberExpression);
    }

    protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
    {
        if (!(Number(rangeExpression.From) is { } from && Number(rangeExpression.To) is { } to && to - from <= LongestRange)) _wrong.Add(("..", Phrase.Of("template.long_range", LongestRange)));
        return base.VisitRangeExpression(rangeExpression);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        _made.Add(assignStatement.Identifier);
        return base.VisitAssignStatement(assignStatement);
    }

    protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
    {
        _made.Add(captureStatement.Identifier);
        return base.VisitCaptureStatement(captureStatement);
    }

    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        _made.Add(forStatement.Identifier);
        return base.VisitForStatement(forStatement);
    }

    protected override Statement VisitIncludeStatement(IncludeStatement includeStatement) => Refused("include", includeStatement);

    protected override Statement VisitRenderStatement(RenderStatement renderStatement) => Refused("render", renderStatement);

    protected override Statement VisitFromStatement(FromStatement fromStatement) => Refused("from", fromStatement);

    private Statement Refused(string tag, Statement statement)
    {
        _wrong.Add((tag, Phrase.Of("template.no_files", tag)));
        return statement;
    }

    private static decimal? Number(Expression expression) => expression is LiteralExpression { Value: Fluid.Values.NumberValue number } ? number.ToNumberValue() : null;
}
