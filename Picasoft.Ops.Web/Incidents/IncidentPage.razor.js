// Keeps what somebody types (data-keep) in this tab until it was handed in: a lost connection or a closed laptop costs no words.
let ended = null;
let root = null;
const keyOf = field => `keep:${field.dataset.keep}`;

export function start(element) {
  stop();
  root = element;
  ended = new AbortController();
  for (const field of root.querySelectorAll('[data-keep]')) {
    const kept = sessionStorage.getItem(keyOf(field));
    if (!kept || field.value) continue;
    field.value = kept;
    field.closest('details')?.setAttribute('open', '');
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.dispatchEvent(new Event('change', { bubbles: true }));
  }
  document.addEventListener('input', event => {
    const field = event.target.closest?.('[data-keep]');
    if (!field) return;
    if (field.value) sessionStorage.setItem(keyOf(field), field.value);
    else sessionStorage.removeItem(keyOf(field));
  }, { signal: ended.signal });
}

export function forget(form) {
  for (const field of root.querySelectorAll(`[data-form="${form}"] [data-keep]`)) sessionStorage.removeItem(keyOf(field));
}

export function stop() {
  ended?.abort();
  ended = null;
}
