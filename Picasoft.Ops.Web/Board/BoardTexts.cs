namespace Picasoft.Ops.Web.Board;

/// <summary>Words of the inbox: <c>BoardTexts.resx</c>.</summary>
public sealed class BoardTexts;
