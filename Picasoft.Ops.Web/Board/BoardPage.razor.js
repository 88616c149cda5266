// The inbox under mouse and keyboard. A row that has the focus is the current one, so the browser itself shows and speaks it.
let stopAll = null;
let page = null; // the inbox that is shown
let selected = new Set(); // numbers of the rows that are ticked
let early = []; // news that came before there was a table

// The rows of the first HTML are made once. When the circuit takes the page over it draws everything anew, the table's body empty:
// the rows move there in the same moment, before the browser paints.
// Those further down than any screen came as text: they become rows when the page is painted.
let made = document.querySelector('tbody[data-rows]');
requestAnimationFrame(() => setTimeout(() => unfold(made ?? bodyOf(document))));
if (made?.rows.length) {
  const watch = new MutationObserver(() => {
    const body = document.querySelector('tbody[data-rows]');
    if (made.isConnected || !body) return;
    watch.disconnect();
    body.append(...made.childNodes);
    made = null;
  });
  watch.observe(document.body, { childList: true, subtree: true });
} else made = null;

function unfold(body) {
  const rest = body?.querySelector('script[data-rest]');
  if (!rest) return;
  const rows = document.createElement('template');
  rows.innerHTML = rest.textContent;
  rest.replaceWith(rows.content);
}

const bodyOf = root => root?.querySelector('tbody[data-rows]') ?? null;
const rowOf = (body, n) => n ? body.querySelector(`tr[data-n="${n}"]`) : null;

// Takes rows away and writes others. What somebody is at stays theirs: focus, ticks, the place on the screen (see below).
export function patch(gone, put) {
  const body = bodyOf(page);
  if (!body) { early.push([gone, put]); return; }
  for (const n of gone) { rowOf(body, n)?.remove(); selected.delete(n); }
  const written = document.createElement('template');
  written.innerHTML = put.map(p => p.html).join('');
  const fresh = [...written.content.children];
  put.forEach(({ number, before }, i) => {
    const row = fresh[i];
    const old = rowOf(body, number);
    const held = old?.contains(document.activeElement) ? document.activeElement : null;
    mark(row, selected.has(number));
    if (old && (old.nextElementSibling?.dataset.n ?? '0') === String(before)) old.replaceWith(row);
    else { old?.remove(); body.insertBefore(row, rowOf(body, before)); }
    if (held) (row.querySelector(`[data-do="${held.dataset.do}"]`) ?? row).focus({ preventScroll: true });
  });
  markAll();
}

// Ticks exactly these.
export function select(numbers) {
  selected = new Set(numbers);
  for (const row of bodyOf(page)?.rows ?? []) mark(row, selected.has(Number(row.dataset.n)));
  markAll();
}

function mark(row, on) {
  const box = row.querySelector('[data-do="select"]');
  if (box) box.checked = on;
  row.classList.toggle('picked', on);
}

function markAll() {
  const all = page?.querySelector('[data-do="all"]');
  if (all) all.checked = selected.size > 0 && selected.size === bodyOf(page)?.rows.length;
}

// Starts, and says which rows are there already.
export function start(root) {
  stop();
  page = root;
  selected = new Set();
  const ended = new AbortController();
  const on = (target, name, listener, options) => target.addEventListener(name, listener, { ...options, signal: ended.signal });
  const rows = () => [...root.querySelectorAll('tr[data-n]')];
  const current = () => document.activeElement?.closest('tr[data-n]') ?? null;
  let last = null; // number of the row left last: a list that changed goes on from there
  let under = null; // the row under the pointer
  let movedAt = 0;

  const tell = (row, action) => (row ?? root.querySelector('table')).dispatchEvent(
    new CustomEvent('rowaction', { bubbles: true, detail: { number: Number(row?.dataset.n ?? 0), action, selected: [...selected] } }));

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
    const row = button.closest('tr[data-n]');
    if (button.dataset.do === 'select') { selected[button.checked ? 'add' : 'delete'](Number(row.dataset.n)); mark(row, button.checked); markAll(); tell(null, 'selected'); }
    else if (button.dataset.do === 'all') { select(button.checked ? rows().map(r => Number(r.dataset.n)) : []); tell(null, 'selected'); }
    else tell(row, button.dataset.do);
  });

  // When rows come or go above the one under the pointer, the page scrolls by as much, so that the row stays where it is.
  on(root, 'pointerover', event => {
    const row = event.target.closest('tr[data-n]');
    under = row && { row, top: row.getBoundingClientRect().top };
  }, { passive: true });
  on(root, 'pointerleave', () => { under = null; });
  on(window, 'scroll', () => { if (under?.row.isConnected) under.top = under.row.getBoundingClientRect().top; }, { passive: true });
  const watch = new MutationObserver(() => {
    if (early.length && bodyOf(root)) for (const news of early.splice(0)) patch(...news);
    if (!under?.row.isConnected) { if (under) movedAt = performance.now(); under = null; return; }
    const shift = under.row.getBoundingClientRect().top - under.top;
    if (Math.abs(shift) < 2) return;
    window.scrollBy(0, shift);
    under.top = under.row.getBoundingClientRect().top;
    movedAt = performance.now();
  });
  watch.observe(root, { childList: true, subtree: true });
  stopAll = () => { ended.abort(); watch.disconnect(); };
  unfold(made ?? bodyOf(root)); // a tab in the background is not painted
  return [...(made ?? bodyOf(root))?.rows ?? []].map(row => ({ n: Number(row.dataset.n), v: row.dataset.v }));
}

export function stop() {
  stopAll?.();
  stopAll = null;
  page = null;
  early = [];
}
