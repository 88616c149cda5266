using Microsoft.EntityFrameworkCore;
using Picasoft.Ops.Core.People;
using Picasoft.Ops.Core.Storage;

namespace Picasoft.Ops.Core.Notifications.Templates;

/// <summary>What people and the configuration file decide about the wording of messages.</summary>
public sealed class TemplateActions(IDbContextFactory<OpsDbContext> contexts, TimeProvider time)
    : SettingsActions<MessageTemplates, TemplatesInput>(contexts, time, "templates", "templates", MessageTemplates.Topic);
