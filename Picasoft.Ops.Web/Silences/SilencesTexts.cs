namespace Picasoft.Ops.Web.Silences;

/// <summary>Words of the silence pages: <c>SilencesTexts.resx</c>.</summary>
public sealed class SilencesTexts;
