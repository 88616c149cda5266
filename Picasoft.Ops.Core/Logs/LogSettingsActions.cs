using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Logs;

/// <summary>What people and the configuration file decide about keeping logs.</summary>
public sealed class LogSettingsActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
    : SettingsActions<LogSettings, LogSettingsInput>(contexts, time, "log_settings", "logs", LogSettings.Topic);
