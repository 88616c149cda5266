using System.Collections.Concurrent;

namespace Picasoft.Ops.Core.Inventory;

/// <summary>
/// What stands on what. A service may be named by another before it is known; a cycle is a mistake of people, and harms nothing here.
/// Several threads may ask at once.
/// </summary>
public sealed class ServiceMap
{
    private readonly Dictionary<string, (IReadOnlyList<string> DependsOn, string? Host)> _services;
    private static readonly Dictionary<string, int> _none = [];
    private readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, int>> _known = new(StringComparer.Ordinal);

    public ServiceMap(IEnumerable<(string Name, IReadOnlyList<string> DependsOn, string? Host)> services) =>
        _services = services.ToDictionary(s => s.Name, s => (s.DependsOn, s.Host), StringComparer.Ordinal);

    public static ServiceMap Empty { get; } = new([]);

    public static ServiceMap Of(IEnumerable<Service> services) => new(services.Select(s => (s.Name, (IReadOnlyList<string>)s.DependsOn, s.Host)));

    /// <summary>Everything a service cannot work without, with the number of steps to it (1: directly); never itself.</summary>
    public IReadOnlyDictionary<string, int> DependenciesOf(string service) =>
        _services.ContainsKey(service) ? _known.GetOrAdd(service, Walk) : _none; // what is not known is not kept: alerts name what they like

    private Dictionary<string, int> Walk(string service)
    {
        var steps = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = new Queue<(string Name, int Steps)>([(service, 0)]);
        while (next.TryDequeue(out var at))
            foreach (var needed in _services.TryGetValue(at.Name, out var found) ? found.DependsOn : [])
                if (needed != service && steps.TryAdd(needed, at.Steps + 1)) next.Enqueue((needed, at.Steps + 1));
        return steps;
    }

    /// <summary>Name of the machine a service runs on, if that is known.</summary>
    public string? HostOf(string service) => _services.TryGetValue(service, out var found) ? found.Host : null;
}
