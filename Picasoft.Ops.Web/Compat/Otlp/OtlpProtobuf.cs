using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Picasoft.Ops.Web.Compat.Otlp;

/// <summary>ExportLogsServiceRequest in protobuf: the fields that say something of a line.</summary>
internal static class OtlpProtobuf
{
    private const int MaxDepth = 16;

    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    public static List<OtlpRecord> Read(byte[] body)
    {
        var records = new List<OtlpRecord>();
        foreach (var resourceLogs in Inner(Protobuf.Fields(new CodedInputStream(body)), 1))
        {
            var fields = Protobuf.Fields(resourceLogs).ToList();
            var resource = Inner(fields, 1).Select(r => Attributes(r, 1)).FirstOrDefault() ?? [];
            foreach (var scopeLogs in Inner(fields, 2))
                foreach (var record in Inner(Protobuf.Fields(scopeLogs), 2)) records.Add(Record(resource, record));
        }
        return records;
    }

    private static IEnumerable<ProtobufValue> Inner(IEnumerable<(int Field, ProtobufValue Value)> fields, int number) => fields.Where(f => f.Field == number).Select(f => f.Value);

    private static OtlpRecord Record(Dictionary<string, string> resource, ProtobufValue record)
    {
        var (time, observed, severity, text, body) = (0UL, 0UL, 0, default(string), "");
        foreach (var (field, value) in Protobuf.Fields(record))
        {
            switch (field)
            {
                case 1: time = value.Number; break;
                case 2: severity = (int)Math.Min(value.Number, 24); break;
                case 3: text = value.Bytes.ToStringUtf8(); break;
                case 5: body = Any(value, 0); break;
                case 11: observed = value.Number; break;
            }
        }
        return new(resource, Attributes(record, 6), time > 0 ? time : observed, severity, text, Encoding.UTF8.GetBytes(body));
    }

    private static Dictionary<string, string> Attributes(ProtobufValue message, int number)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in Inner(Protobuf.Fields(message), number)) Pair(pair, 0, (name, value) => attributes[name] = value);
        return attributes;
    }

    private static void Pair(ProtobufValue pair, int depth, Action<string, string> add)
    {
        var (name, value) = ("", "");
        foreach (var (field, part) in Protobuf.Fields(pair))
        {
            if (field == 1) name = part.Bytes.ToStringUtf8();
            if (field == 2) value = Any(part, depth);
        }
        add(name, value);
    }

    // AnyValue: string = 1, bool = 2, int = 3, double = 4, array = 5 {values = 1}, kvlist = 6 {values = 1}, bytes = 7
    private static string Any(ProtobufValue any, int depth)
    {
        if (depth > MaxDepth) return "";
        foreach (var (field, value) in Protobuf.Fields(any))
        {
            switch (field)
            {
                case 1 or 7: return value.Bytes.ToStringUtf8();
                case 2: return value.Number != 0 ? "true" : "false";
                case 3: return ((long)value.Number).ToString(CultureInfo.InvariantCulture);
                case 4: return BitConverter.UInt64BitsToDouble(value.Number).ToString(CultureInfo.InvariantCulture);
                case 5: return string.Join(' ', Inner(Protobuf.Fields(value), 1).Select(v => Any(v, depth + 1)));
                case 6:
                    var parts = new List<string>();
                    foreach (var pair in Inner(Protobuf.Fields(value), 1)) Pair(pair, depth + 1, (name, text) => parts.Add($"{name}={text}"));
                    return string.Join(' ', parts);
            }
        }
        return "";
    }
}
