namespace Picasoft.Ops.Web.Ui;

/// <summary>Words of the parts that several features use: <c>UiTexts.resx</c>.</summary>
public sealed class UiTexts;
