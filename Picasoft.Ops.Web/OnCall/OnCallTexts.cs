namespace Picasoft.Ops.Web.OnCall;

/// <summary>Names the texts of on-call.</summary>
public sealed class OnCallTexts;
