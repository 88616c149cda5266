using Google.Protobuf;

namespace Picasoft.Ops.Web.Compat;

/// <summary>One value of a protobuf message: a number, or bytes (a text, another message).</summary>
internal readonly record struct ProtobufValue(ulong Number, ByteString Bytes);

/// <summary>Walks the fields of protobuf messages of which we want a few: no generated code for all of them.</summary>
internal static class Protobuf
{
    /// <exception cref="InvalidProtocolBufferException">It is no such message.</exception>
    public static IEnumerable<(int Field, ProtobufValue Value)> Fields(CodedInputStream input)
    {
        while (input.ReadTag() is > 0 and var tag)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.Varint: yield return (field, new(input.ReadUInt64(), ByteString.Empty)); break;
                case WireFormat.WireType.Fixed64: yield return (field, new(input.ReadFixed64(), ByteString.Empty)); break;
                case WireFormat.WireType.Fixed32: yield return (field, new(input.ReadFixed32(), ByteString.Empty)); break;
                case WireFormat.WireType.LengthDelimited: yield return (field, new(0, input.ReadBytes())); break;
                default: input.SkipLastField(); break;
            }
        }
    }

    public static IEnumerable<(int Field, ProtobufValue Value)> Fields(ProtobufValue message) => Fields(message.Bytes.CreateCodedInput());
}
