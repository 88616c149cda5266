using Picasoft.Ops.Core.Primitives;

namespace Picasoft.Ops.Core.Configuration.Import;

/// <summary>How a proposed thing stands to the store.</summary>
public enum ProposedState
{
    /// <summary>There is none of that name: it would be made.</summary>
    New,
    /// <summary>There is one, made by people, and the proposal knows more of it: what is missing would be added, nothing replaced.</summary>
    Adds,
    /// <summary>There is one, and nothing to add.</summary>
    There,
    /// <summary>There is one that <c>ops.yaml</c> manages, and the proposal knows more: that is to be written there.</summary>
    InFile,
}

/// <summary>One thing that an import proposes.</summary>
/// <param name="Kind">Its word: <c>service</c>.</param>
/// <param name="Name">Unique among its kind.</param>
/// <param name="State">How it stands to the store.</param>
/// <param name="Added">The lines of YAML that would come; variables in the place of secrets. Empty when nothing would.</param>
public sealed record ProposedItem(string Kind, string Name, ProposedState State, string Added)
{
    /// <summary>How it is chosen: <c>service:mattermost</c>.</summary>
    public string Key => $"{Kind}:{Name}";

    /// <summary>Something would change, and people may accept it.</summary>
    public bool CanAccept => State is ProposedState.New or ProposedState.Adds;
}

/// <summary>What an import would add to what is there. Pure.</summary>
public static class Proposal
{
    /// <summary>What <paramref name="there"/> lacks of <paramref name="proposed"/>: values it does not have, and items of lists.</summary>
    public static InputMap Missing(InputMap there, InputMap proposed) => new([.. proposed.Entries.Select(e => (Entry: e, Value: Missing(there[e.Name], e.Value))).Where(e => e.Value is not null).Select(e => e.Entry with { Value = e.Value! })], null);

    /// <summary><paramref name="there"/> with what it lacks.</summary>
    public static InputMap Merged(InputMap there, InputMap missing) => new(
        [.. there.Entries.Select(e => missing[e.Name] is InputList more && e.Value is InputList list ? e with { Value = list with { Items = [.. list.Items, .. more.Items] } } : e),
            .. missing.Entries.Where(e => there[e.Name] is null)], null);

    private static InputNode? Missing(InputNode? there, InputNode proposed) => (there, proposed) switch
    {
        (null or InputScalar { Text: null }, _) => proposed,
        (InputList has, InputList wants) => wants.Items.Where(w => !has.Items.Any(h => InputWriter.Canonical(h) == InputWriter.Canonical(w))).ToList() is { Count: > 0 } more ? new InputList(more, null) : null,
        _ => null, // what people wrote is right
    };
}
