namespace Picasoft.Ops.Web.Channels;

/// <summary>Marks the texts of channels and deliveries.</summary>
public sealed class ChannelsTexts;
