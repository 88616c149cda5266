using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Probes;

/// <summary>What people and the configuration file decide about keeping results.</summary>
public sealed class RetentionActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
    : SettingsActions<RetentionSettings, RetentionInput>(contexts, time, "retention", "retention");
