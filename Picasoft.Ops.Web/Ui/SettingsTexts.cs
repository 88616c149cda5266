namespace Picasoft.Ops.Web.Ui;

/// <summary>
/// Marker of the texts of forms drawn from a shape. A field's label is <c>TypeName.field</c>, the type being the record that has the field (<c>HttpExpectation.status</c>; a group of its own, <c>HttpSettings</c>), its hint the same with <c>.hint</c>,
/// a choice <c>EnumName.word</c>; of a list, what one item is called <c>.one</c>, and its buttons <c>.add</c> and <c>.remove</c>. What has no text here shows its name in the contract.
/// </summary>
public sealed class SettingsTexts;
