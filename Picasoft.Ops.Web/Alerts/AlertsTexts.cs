namespace Picasoft.Ops.Web.Alerts;

/// <summary>Words of this feature's pages.</summary>
public sealed class AlertsTexts;
