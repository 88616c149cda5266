using Picasoft.Ops.Web.Commands;

return await CommandLine.RunAsync(
[
    RunCommand.Verb,
    DemoCommand.Verb,
    CheckCommand.Verb,
    ApplyCommand.Verb,
    ExportCommand.Verb,
    .. ImportCommand.Verbs,
    UserAddCommand.Verb,
    TokenCreateCommand.Verb,
    MigrateCommand.Verb,
    BackupCommand.Verb,
    RestoreCommand.Verb,
], args);
