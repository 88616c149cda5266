namespace Picasoft.Ops.Tests.Support;

/// <summary>The checkout that is tested.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    /// <summary>The files of a project, as full paths, without what was built.</summary>
    /// <param name="pattern">Such as <c>*.cs</c>.</param>
    public static IEnumerable<string> Files(string project, string pattern)
    {
        var root = Path.Combine(Root, project);
        return Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories).Where(p => Path.GetRelativePath(root, p).Split('/')[0] is not ("bin" or "obj"));
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Picasoft.Ops.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Run the tests from a checkout: Picasoft.Ops.slnx was not found above the test program.");
    }
}
