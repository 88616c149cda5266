using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes.Trends;

/// <summary>What people and the configuration file decide about warnings.</summary>
public sealed class PreventionActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
    : SettingsActions<PreventionSettings, PreventionInput>(contexts, time, "prevention", "prevention");
