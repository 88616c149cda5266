using System.Globalization;
using System.Text.RegularExpressions;
using Picasoft.Ops.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Picasoft.Ops.Tests.Rules;

/// <summary>The image and its compose file, read without an engine: what they name is there, and what they say is what the product does.</summary>
public sealed partial class DockerTests
{
    private static readonly string _dockerfile = File.ReadAllText(Path.Combine(Repository.Root, "docker", "Dockerfile"));
    private static readonly YamlMappingNode _compose = Compose();

    [Fact]
    public void The_compose_file_names_only_what_it_declares()
    {
        var services = Map(_compose["services"]);
        var (secrets, volumes) = (Keys(_compose["secrets"]), Keys(_compose["volumes"]));
        foreach (var (name, service) in services.Children.Select(s => (((YamlScalarNode)s.Key).Value!, Map(s.Value))))
        {
            Assert.True(service.Children.ContainsKey("image") != service.Children.ContainsKey("build"), $"{name}: image or build");
            if (service.Children.TryGetValue("build", out var build))
            {
                var context = Path.Combine(Repository.Root, "docker", ((YamlScalarNode)build["context"]).Value!);
                Assert.True(File.Exists(Path.Combine(context, ((YamlScalarNode)build["dockerfile"]).Value!)), $"{name}: its Dockerfile");
            }
            foreach (var secret in Texts(service, "secrets")) Assert.Contains(secret, secrets);
            foreach (var volume in Texts(service, "volumes")) Assert.Contains(volume.Split(':')[0], volumes);
            if (service.Children.TryGetValue("depends_on", out var others)) Assert.All(Keys(others), other => Assert.Contains(other, Keys(services)));
            // X_FILE names a secret that the service is given.
            if (service.Children.TryGetValue("environment", out var environment))
                foreach (var (key, value) in Map(environment).Children)
                    if (((YamlScalarNode)key).Value!.EndsWith("_FILE", StringComparison.Ordinal)) Assert.Contains(Path.GetFileName(((YamlScalarNode)value).Value!), Texts(service, "secrets"));
        }
    }

    [Fact]
    public void The_image_asks_readyz_for_its_health_and_listens_where_compose_expects_it()
    {
        var port = Listening().Match(_dockerfile).Groups["port"].Value;
        Assert.Contains($"curl -fsS http://127.0.0.1:{port}/readyz", _dockerfile, StringComparison.Ordinal);
        Assert.Contains($"EXPOSE {port}", _dockerfile, StringComparison.Ordinal);
        Assert.EndsWith($":{port}", Assert.Single(Texts(Map(_compose["services"]["ops"]), "ports")), StringComparison.Ordinal);
        var state = State().Match(_dockerfile).Groups["path"].Value;
        Assert.Contains($"VOLUME {state}", _dockerfile, StringComparison.Ordinal);
        Assert.EndsWith($":{state}", Assert.Single(Texts(Map(_compose["services"]["ops"]), "volumes")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_can_back_up_the_server_beside_it()
    {
        // pg_dump refuses a server newer than itself. Ubuntu 24.04 (noble) has PostgreSQL 16.
        Assert.Contains("aspnet:10.0-noble", _dockerfile, StringComparison.Ordinal);
        var server = int.Parse(Image().Match(((YamlScalarNode)_compose["services"]["postgres"]["image"]).Value!).Groups["major"].Value, CultureInfo.InvariantCulture);
        Assert.InRange(server, 15, 16);
    }

    private static YamlMappingNode Compose()
    {
        using var reader = new StreamReader(Path.Combine(Repository.Root, "docker", "compose.yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static YamlMappingNode Map(YamlNode node) => (YamlMappingNode)node;

    private static IReadOnlyList<string> Keys(YamlNode node) => [.. Map(node).Children.Keys.Select(k => ((YamlScalarNode)k).Value!)];

    private static IReadOnlyList<string> Texts(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var list) ? [.. ((YamlSequenceNode)list).Children.Select(c => ((YamlScalarNode)c).Value!)] : [];

    [GeneratedRegex(@"OPS_URLS=http://0\.0\.0\.0:(?<port>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Listening();

    [GeneratedRegex(@"OPS_DATA=(?<path>\S+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex State();

    [GeneratedRegex(@"^postgres:(?<major>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Image();
}
