// Choosing hours by dragging over cells; a tap or the keyboard chooses one with its button. The page hears "rowaction" with first and last cell in one number.
export function start(root) {
  let first = null;
  const cellAt = event => document.elementFromPoint(event.clientX, event.clientY)?.closest('.calendar td[data-n]');
  const mark = (from, to) => {
    const [low, high] = [Math.min(from, to), Math.max(from, to)];
    for (const cell of root.querySelectorAll('.calendar td[data-n]')) cell.classList.toggle('dragged', first !== null && cell.dataset.n >= low && cell.dataset.n <= high);
  };
  root.addEventListener('pointerdown', event => {
    const cell = event.target.closest?.('.calendar td[data-n]');
    if (!cell || event.pointerType === 'touch' || event.button !== 0) return; // a finger scrolls
    first = Number(cell.dataset.n);
  });
  root.addEventListener('pointermove', event => {
    if (first === null) return;
    const cell = cellAt(event);
    if (cell) mark(first, Number(cell.dataset.n));
  });
  document.addEventListener('pointerup', event => {
    if (first === null) return;
    const cell = cellAt(event);
    const from = first;
    first = null;
    mark(0, -1);
    if (!cell || Number(cell.dataset.n) === from) return; // a click is the button's
    const [low, high] = [Math.min(from, Number(cell.dataset.n)), Math.max(from, Number(cell.dataset.n))];
    cell.dispatchEvent(new CustomEvent('rowaction', { bubbles: true, detail: { number: low * 10000 + high, action: 'range' } }));
  });
  root.dataset.ready = '';
}
