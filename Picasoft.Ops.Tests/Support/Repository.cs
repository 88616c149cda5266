namespace Picasoft.Ops.Tests.Support;

/// <summary>The checkout that is tested.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Picasoft.Ops.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Run the tests from a checkout: Picasoft.Ops.slnx was not found above the test program.");
    }
}
