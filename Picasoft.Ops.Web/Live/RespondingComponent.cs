using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Picasoft.Ops.Core.Primitives;
using Picasoft.Ops.Core.Storage;
using Picasoft.Ops.Web.Access;

namespace Picasoft.Ops.Web.Live;

/// <summary>
/// A page on which people act. Whether they may is asked again before every act, not only when the buttons are drawn:
/// a circuit is open for hours, and what a browser sends is not trusted.
/// </summary>
public abstract class RespondingComponent : LiveComponent
{
    [Inject] public IAuthorizationService Authorization { get; set; } = null!;

    /// <summary>Draw the buttons.</summary>
    protected bool MayRespond { get; private set; }

    protected override async Task OnParametersSetAsync()
    {
        MayRespond = await IsAllowedAsync();
        await base.OnParametersSetAsync();
    }

    /// <summary>Acts as the person who is signed in, if they may. Says a refusal in words, and shows what is true now. True when it was done.</summary>
    protected async Task<bool> ActAsync<T>(Func<Actor, CancellationToken, Task<Outcome<T>>> act, string? said = null)
    {
        var outcome = await TryAsync(act);
        if (outcome.Refusal is { } refusal) Snackbar.Add(refusal.ToString(), MudBlazor.Severity.Warning);
        else if (said is not null) Snackbar.Add(said, MudBlazor.Severity.Success);
        await ReloadAsync();
        return outcome.IsDone;
    }

    /// <summary>As <see cref="ActAsync{T}"/>, but leaves the saying to the caller: one sentence for many acts.</summary>
    protected async Task<Outcome<T>> TryAsync<T>(Func<Actor, CancellationToken, Task<Outcome<T>>> act)
    {
        if (!await IsAllowedAsync()) return Refusal.Forbidden(Phrase.Of("refused.viewer"));
        // Not cancelled with the page: whoever clicks and leaves wants it done.
        try { return await act(await ActorAsync(), CancellationToken.None); }
        catch (Exception e) when (StoreAway.Is(e)) { return Refusal.Unavailable(Phrase.Of("store.away")); }
    }

    private async Task<bool> IsAllowedAsync() => (await Authorization.AuthorizeAsync((await Authentication).User, Policies.Respond)).Succeeded;
}
