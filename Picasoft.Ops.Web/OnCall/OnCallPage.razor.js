// Choosing hours over cells of the calendar: by dragging a mouse or pen, by holding a finger on a cell and then dragging, or with the arrow keys and Shift.
// A click, a tap, or Enter on a cell chooses that one, with its button. The page hears "rowaction" with first and last cell in one number.
const hold = 400; // ms until a finger that rests chooses instead of scrolling
const slip = 10; // px that a resting finger may move

let stopLast = null; // the module outlives its pages

export function start(root) {
  stopLast?.();
  const ended = new AbortController();
  let watch = null;
  stopLast = () => { ended.abort(); watch?.disconnect(); };
  let first = null, resting = null, moved = false;
  const cells = () => [...root.querySelectorAll('.calendar td[data-n]')];
  const at = (x, y) => document.elementFromPoint(x, y)?.closest('.calendar td[data-n]');
  const mark = (from, to) => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    for (const cell of cells()) cell.classList.toggle('dragged', cell.dataset.n >= low && cell.dataset.n <= high);
  };
  const choose = (cell, from) => {
    const [low, high] = [Math.min(from, Number(cell.dataset.n)), Math.max(from, Number(cell.dataset.n))];
    cell.dispatchEvent(new CustomEvent('rowaction', { bubbles: true, detail: { number: low * 10000 + high, action: 'range' } }));
  };
  // On a phone the form for what was chosen stands below what is seen: it is brought into sight as soon as it is there.
  const show = () => {
    const before = root.querySelector('.shift-panel');
    watch?.disconnect();
    watch = new MutationObserver(() => {
      const panel = root.querySelector('.shift-panel');
      if (!panel || panel === before) return;
      watch.disconnect();
      panel.scrollIntoView({ block: 'nearest' });
    });
    watch.observe(root, { subtree: true, childList: true });
  };
  const let_go = () => { clearTimeout(resting?.timer); [first, resting] = [null, null]; for (const cell of cells()) cell.classList.remove('dragged'); };

  root.addEventListener('pointerdown', event => {
    const cell = event.target.closest?.('.calendar td[data-n]');
    moved = false;
    if (!cell || event.button !== 0) return;
    if (event.pointerType !== 'touch') { first = Number(cell.dataset.n); return; }
    resting = { x: event.clientX, y: event.clientY, timer: setTimeout(() => { first = Number(cell.dataset.n); mark(first, first); navigator.vibrate?.(15); }, hold) };
  });
  root.addEventListener('pointermove', event => {
    if (first === null) {
      if (resting && Math.hypot(event.clientX - resting.x, event.clientY - resting.y) > slip) let_go(); // it scrolls
      return;
    }
    const cell = at(event.clientX, event.clientY);
    if (cell) { moved ||= Number(cell.dataset.n) !== first; mark(first, Number(cell.dataset.n)); }
  });
  // Once a finger chooses, the page must not scroll away under it.
  root.addEventListener('touchmove', event => { if (first !== null) event.preventDefault(); }, { passive: false });
  root.addEventListener('contextmenu', event => { if (first !== null) event.preventDefault(); });
  document.addEventListener('pointercancel', let_go, { signal: ended.signal });
  document.addEventListener('pointerup', event => {
    const from = first, cell = from === null ? null : at(event.clientX, event.clientY);
    let_go();
    if (!cell || Number(cell.dataset.n) === from) return; // the click is the button's
    if (event.pointerType === 'touch') show();
    choose(cell, from);
  }, { signal: ended.signal });
  root.addEventListener('click', event => {
    if (event.pointerType === 'touch' && !moved && event.target.closest?.('.pick')) show();
    if (moved && event.target.closest?.('.pick')) { event.preventDefault(); event.stopPropagation(); moved = false; }
  }, true);

  let anchor = null;
  root.addEventListener('keydown', event => {
    const cell = event.target.closest?.('.calendar td[data-n]');
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!cell || !step) return;
    event.preventDefault();
    const row = cell.parentElement, within = [...row.querySelectorAll('td[data-n]')];
    let next = step[1] ? within[within.indexOf(cell) + step[1]] : [...(step[0] > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelectorAll('td[data-n]') ?? []][within.indexOf(cell)];
    if (!next && step[1]) { // past the end of a row
      const other = step[1] > 0 ? row.nextElementSibling : row.previousElementSibling;
      const there = [...other?.querySelectorAll('td[data-n]') ?? []];
      next = step[1] > 0 ? there[0] : there.at(-1);
    }
    if (!next) return;
    if (event.shiftKey) anchor ??= Number(cell.dataset.n);
    else anchor = null;
    next.querySelector('.pick')?.focus();
    if (event.shiftKey) choose(next, anchor);
  });
  root.dataset.ready = '';
}
