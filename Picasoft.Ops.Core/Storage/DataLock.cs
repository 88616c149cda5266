using System.Text.Json;
using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Storage;

/// <summary>
/// One process at a time works on a state directory. The lock is the kernel's (flock), so it ends with its process however that ends;
/// the note beside it is only for the sentence that says who holds it.
/// </summary>
public sealed class DataLock : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _noteFile;
    private Note _note;

    private DataLock(FileStream held, string noteFile, Note note)
    {
        (_lock, _noteFile, _note) = (held, noteFile, note);
        Tell(null);
    }

    /// <summary>Takes it, or says who has it.</summary>
    public static (DataLock? Lock, string Holder) TryTake(string dataFolder, TimeProvider time)
    {
        var noteFile = Path.Combine(dataFolder, "run.json");
        try
        {
            var held = new FileStream(Path.Combine(dataFolder, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return (new(held, noteFile, new(Environment.ProcessId, time.GetUtcNow(), null)), "");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new PlainError($"The state directory {dataFolder} is not ours ({e.Message}): start as its owner, or name another with --data DIR.", e);
        }
        catch (IOException) when (File.Exists(noteFile))
        {
            return (null, Describe(noteFile));
        }
        catch (IOException e)
        {
            throw new PlainError($"The state directory {dataFolder} cannot be used ({e.Message}): name another with --data DIR.", e);
        }
    }

    /// <summary>Where the holder can be reached.</summary>
    public void Tell(string? url)
    {
        _note = _note with { Url = url };
        DataFolder.WriteSecret(_noteFile, JsonSerializer.Serialize(_note, OpsJson.Api));
    }

    public void Dispose()
    {
        File.Delete(_noteFile);
        _lock.Dispose();
    }

    private static string Describe(string noteFile)
    {
        try
        {
            var note = JsonSerializer.Deserialize<Note>(File.ReadAllText(noteFile), OpsJson.Api)!;
            return $"process {note.Pid}, since {note.Since:yyyy-MM-dd HH:mm:ss} UTC{(note.Url is null ? ", still starting" : ", at " + note.Url)}";
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return "a process that is just starting or stopping";
        }
    }

    private sealed record Note(int Pid, DateTimeOffset Since, string? Url);
}
