namespace Picasoft.Ops.Web.Ui;

/// <summary>Marks the texts of the parts that several features use.</summary>
public sealed class UiTexts;
