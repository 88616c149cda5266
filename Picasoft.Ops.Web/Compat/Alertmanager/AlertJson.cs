using System.Text;
using System.Text.Json;
using Picasoft.Ops.Core.Alerts.Active;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Web.Compat.Alertmanager;

/// <summary>A <c>gettableAlert</c>.</summary>
internal static class AlertJson
{
    public static void Write(Utf8JsonWriter json, ListedAlert listed)
    {
        var alert = listed.Alert;
        var (times, updatedAt) = alert.Now;
        json.WriteStartObject();
        json.WritePropertyName("annotations"u8);
        alert.Content.Write(json, PairKind.Annotation);
        // One that ends when its source says so looks like one that is sent again all the time.
        WireTime.Write(json, "endsAt"u8, times.End == AlertTimes.Never ? Math.Max(updatedAt, TimeProvider.System.GetUtcNow().UtcTicks) + AlertsReader.ResolveTimeout.Ticks : times.End);
        Span<byte> fingerprint = stackalloc byte[16];
        alert.Fingerprint.TryFormat(fingerprint, out _, "x16", System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString("fingerprint"u8, fingerprint);
        json.WriteStartArray("receivers"u8);
        // One way is the rule, and this is done for each of a hundred thousand.
        foreach (var route in listed.Routes.Count == 1 ? listed.Routes : [.. listed.Routes.DistinctBy(r => r.Escalation, StringComparer.Ordinal)])
        {
            json.WriteStartObject();
            json.WriteString("name"u8, route.Escalation);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WireTime.Write(json, "startsAt"u8, times.Start);
        json.WriteStartObject("status"u8);
        json.WriteStartArray("inhibitedBy"u8);
        foreach (var by in listed.InhibitedBy) json.WriteStringValue(by);
        json.WriteEndArray();
        json.WriteStartArray("silencedBy"u8);
        foreach (var by in listed.SilencedBy) json.WriteStringValue(by.Uuid);
        json.WriteEndArray();
        json.WriteStartArray("mutedBy"u8);
        foreach (var by in listed.MutedBy) json.WriteStringValue(by);
        json.WriteEndArray();
        json.WriteString("state"u8, listed.IsSuppressed ? "suppressed"u8 : "active"u8);
        json.WriteEndObject();
        WireTime.Write(json, "updatedAt"u8, updatedAt);
        var pairs = alert.Content.Pairs;
        while (pairs.MoveNext())
            if (pairs.Kind == PairKind.Link) json.WriteString("generatorURL"u8, pairs.Value);
        json.WritePropertyName("labels"u8);
        alert.Content.Write(json, PairKind.Label);
        json.WriteEndObject();
    }
}
