// The inbox under mouse and keyboard. A row that has the focus is the current one, so the browser itself shows and speaks it.
let stopAll = null;

export function start(root) {
  stop();
  const ended = new AbortController();
  const on = (target, name, listener, options) => target.addEventListener(name, listener, { ...options, signal: ended.signal });
  const rows = () => [...root.querySelectorAll('tr[data-n]')];
  const current = () => document.activeElement?.closest('tr[data-n]') ?? null;
  let last = null; // number of the row left last: a list that changed goes on from there
  let under = null; // the row under the pointer
  let movedAt = 0;

  const tell = (row, action) => (row ?? root.querySelector('table')).dispatchEvent(
    new CustomEvent('rowaction', { bubbles: true, detail: { number: Number(row?.dataset.n ?? 0), action } }));

  function move(step) {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(current() ?? all.find(row => row.dataset.n === last));
    const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
  }

  function act(action, key) {
    const bulk = root.querySelector(`.bulk [data-key="${key}"]`);
    if (bulk?.matches('select')) { bulk.focus(); bulk.showPicker?.(); }
    else if (bulk) bulk.click();
    else if (current()?.querySelector('[data-do]')) tell(current(), action);
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    x: () => current()?.querySelector('[data-do="select"]')?.click(),
    a: () => act('acknowledge', 'a'),
    s: () => act('silence', 's'),
    r: () => act('resolve', 'r'),
    o: () => current()?.querySelector('a')?.click(),
    '/': () => root.querySelector('[data-search]')?.focus(),
    '?': () => root.querySelector('dialog')?.showModal(),
  };

  on(document, 'keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const target = event.target;
    if (target.isContentEditable || target.closest?.('input:not([type=checkbox]), textarea, select, [role=dialog], dialog')) return;
    if (event.key === 'Enter' && target.matches?.('tr[data-n]')) { event.preventDefault(); keys.o(); return; }
    const work = keys[event.key];
    if (!work) return;
    event.preventDefault();
    work();
  });

  root.dataset.ready = ''; // from here on no click is lost

  on(root, 'focusin', event => { last = event.target.closest('tr[data-n]')?.dataset.n ?? last; });

  on(root, 'click', event => {
    if (event.target.closest('[data-help]')) { keys['?'](); return; }
    const button = event.target.closest('[data-do]');
    if (!button) return;
    // A row that slid under the finger a moment ago is not the one that was meant.
    if (performance.now() - movedAt < 350 && event.detail > 0) { event.preventDefault(); return; }
    tell(button.closest('tr[data-n]'), button.dataset.do);
  });

  // When rows come or go above the one under the pointer, the page scrolls by as much, so that the row stays where it is.
  on(root, 'pointerover', event => {
    const row = event.target.closest('tr[data-n]');
    under = row && { row, top: row.getBoundingClientRect().top };
  }, { passive: true });
  on(root, 'pointerleave', () => { under = null; });
  on(window, 'scroll', () => { if (under?.row.isConnected) under.top = under.row.getBoundingClientRect().top; }, { passive: true });
  const watch = new MutationObserver(() => {
    if (!under?.row.isConnected) { if (under) movedAt = performance.now(); under = null; return; }
    const shift = under.row.getBoundingClientRect().top - under.top;
    if (Math.abs(shift) < 2) return;
    window.scrollBy(0, shift);
    under.top = under.row.getBoundingClientRect().top;
    movedAt = performance.now();
  });
  watch.observe(root, { childList: true, subtree: true });
  stopAll = () => { ended.abort(); watch.disconnect(); };
}

export function stop() {
  stopAll?.();
  stopAll = null;
}
