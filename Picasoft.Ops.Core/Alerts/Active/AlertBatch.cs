using System.Buffers;
using System.Text;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Alerts.Active;

/// <summary>An alert of a batch: where its content stands, and its times in ticks of UTC.</summary>
public readonly record struct BatchedAlert(ulong Fingerprint, int Offset, int Length, AlertTimes Times);

/// <summary>
/// What one request hands in, in buffers that are used again. Fill it alert by alert: labels, annotations and link in any order, then <see cref="End"/>.
/// </summary>
public sealed class AlertBatch : IDisposable
{
    private readonly List<BatchedAlert> _alerts = [];
    private readonly List<Pair> _pairs = [];
    private byte[] _scratch = ArrayPool<byte>.Shared.Rent(2048);
    private byte[] _content = ArrayPool<byte>.Shared.Rent(2048);
    private int _scratchLength;
    private int _contentLength;

    public IReadOnlyList<BatchedAlert> Alerts => _alerts;

    /// <summary>Labels of the alert that is being filled, without those given empty.</summary>
    public int Labels { get; private set; }

    public ReadOnlySpan<byte> ContentOf(BatchedAlert alert) => _content.AsSpan(alert.Offset, alert.Length);

    /// <summary>A name given twice: the last one counts, and an empty value is none.</summary>
    public void Add(PairKind kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        for (var i = 0; i < _pairs.Count; i++)
        {
            if (_pairs[i].Kind != kind || !Name(_pairs[i]).SequenceEqual(name)) continue;
            if (kind == PairKind.Label) Labels--;
            _pairs.RemoveAt(i);
            break;
        }
        if (value.IsEmpty) return;
        if (kind == PairKind.Label) Labels++;
        Reserve(ref _scratch, _scratchLength, name.Length + value.Length);
        name.CopyTo(_scratch.AsSpan(_scratchLength));
        value.CopyTo(_scratch.AsSpan(_scratchLength + name.Length));
        _pairs.Add(new(kind, _scratchLength, name.Length, value.Length));
        _scratchLength += name.Length + value.Length;
    }

    public void Add(PairKind kind, string name, string value) => Add(kind, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));

    /// <summary>The alert is complete.</summary>
    public void End(AlertTimes times)
    {
        Sort();
        var (start, hash) = (_contentLength, LabelHash.Start);
        foreach (var pair in _pairs)
        {
            var size = pair.NameLength + pair.ValueLength;
            Reserve(ref _content, _contentLength, PairReader.MostHead + size);
            _contentLength += PairReader.WriteHead(_content.AsSpan(_contentLength), pair.Kind, pair.NameLength, pair.ValueLength);
            _scratch.AsSpan(pair.Offset, size).CopyTo(_content.AsSpan(_contentLength));
            _contentLength += size;
            if (pair.Kind == PairKind.Label) hash = LabelHash.Add(LabelHash.Add(hash, Name(pair)), _scratch.AsSpan(pair.Offset + pair.NameLength, pair.ValueLength));
        }
        _alerts.Add(new(hash, start, _contentLength - start, times));
        Drop();
    }

    /// <summary>Forgets the alert that is being filled.</summary>
    public void Drop()
    {
        _pairs.Clear();
        (_scratchLength, Labels) = (0, 0);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_scratch);
        ArrayPool<byte>.Shared.Return(_content);
        (_scratch, _content) = ([], []);
    }

    // A dozen pairs, usually in order already.
    private void Sort()
    {
        for (var i = 1; i < _pairs.Count; i++)
        {
            var pair = _pairs[i];
            var j = i - 1;
            for (; j >= 0 && IsAfter(_pairs[j], pair); j--) _pairs[j + 1] = _pairs[j];
            _pairs[j + 1] = pair;
        }
    }

    private bool IsAfter(Pair one, Pair other) => one.Kind != other.Kind ? one.Kind > other.Kind : Name(one).SequenceCompareTo(Name(other)) > 0;

    private ReadOnlySpan<byte> Name(Pair pair) => _scratch.AsSpan(pair.Offset, pair.NameLength);

    private static void Reserve(ref byte[] buffer, int used, int more)
    {
        if (used + more <= buffer.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(used + more, 2 * buffer.Length));
        buffer.AsSpan(0, used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }

    private readonly record struct Pair(PairKind Kind, int Offset, int NameLength, int ValueLength);
}
