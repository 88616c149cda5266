namespace Picasoft.Ops.Web.Logs;

/// <summary>Marker of the texts of the review and the digest.</summary>
public sealed class ReviewTexts;
