using Picasoft.Ops.Core.Inventory;

namespace Picasoft.Ops.Core.Configuration.Sections;

internal sealed class HostsSection() : CatalogueSection<Host, HostInput>("hosts", "host");
