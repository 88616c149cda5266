// A lost connection is shown, tried again, and costs nobody their words: when the circuit itself is gone and the page has to be
// loaded anew, what was typed into fields marked data-keep is put back. What was not touched is the store's, and may have moved on.
const typed = new WeakSet();
for (const kind of ['input', 'change']) document.addEventListener(kind, e => { if (e.target.dataset?.keep !== undefined) typed.add(e.target); }, true);
const modal = document.getElementById('components-reconnect-modal');
const key = () => 'ops-keep:' + location.pathname;

modal.addEventListener('components-reconnect-state-changed', e => {
  modal.dataset.state = e.detail.state;
  if (e.detail.state === 'show' && !modal.open) modal.showModal();
  else if (e.detail.state === 'hide') modal.close();
  else if (e.detail.state === 'failed') document.addEventListener('visibilitychange', whenSeen);
  else if (e.detail.state === 'rejected') reload();
});
modal.addEventListener('cancel', e => e.preventDefault()); // Escape would leave a page that does nothing
document.getElementById('lost-retry').addEventListener('click', retry);
addEventListener('online', () => { if (modal.open) retry(); });

async function retry() {
  document.removeEventListener('visibilitychange', whenSeen);
  modal.dataset.state = 'show';
  try {
    if (await Blazor.reconnect() || await Blazor.resumeCircuit()) modal.close();
    else reload();
  } catch {
    modal.dataset.state = 'failed';
    document.addEventListener('visibilitychange', whenSeen);
  }
}

const says = field => ['checkbox', 'radio'].includes(field.type) ? 'checked' : 'value';

function whenSeen() { if (document.visibilityState === 'visible') retry(); }

async function reload() {
  const kept = [...document.querySelectorAll('[data-keep]')].filter(f => typed.has(f)).map(f => [f.dataset.keep, f[says(f)]]);
  if (kept.length) sessionStorage.setItem(key(), JSON.stringify(kept));
  for (;;) { // the server may still be starting: an error page in its place would lose what was kept
    try { if ((await fetch('/healthz', { cache: 'no-store' })).ok) break; } catch { /* not yet */ }
    await new Promise(later => setTimeout(later, 1000));
  }
  location.reload();
}

// Put back once the circuit is up: it draws the page anew, and would throw away what was written before. Fields may come late.
let left = JSON.parse(sessionStorage.getItem(key()) ?? '[]');
if (left.length) {
  sessionStorage.removeItem(key());
  const watch = new MutationObserver(restore);
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-interactive'] });
  setTimeout(() => watch.disconnect(), 30_000);
  restore();

  function restore() {
    if (!document.querySelector('[data-interactive="1"]')) return;
    left = left.filter(([name, text]) => {
      const field = document.querySelector(`[data-keep="${CSS.escape(name)}"]`);
      if (!field) return true;
      field.closest('details')?.setAttribute('open', ''); // what was typed is in sight again
      if (field[says(field)] !== text) {
        field[says(field)] = text;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        field.dispatchEvent(new Event('change', { bubbles: true }));
      }
      return false;
    });
    if (!left.length) watch.disconnect();
  }
}
