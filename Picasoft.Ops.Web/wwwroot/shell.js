// The few things of the frame that the server cannot do: the theme at once, the menu of a phone, the focus of the skip link.
// The page is painted first; MudBlazor's rules and the programs of the circuit would hold that up. A tab in the background is painted later, or never.
if (document.hidden) bringLate();
else requestAnimationFrame(() => setTimeout(bringLate));

function bringLate() {
  const sheet = document.querySelector('meta[name=late-sheet]');
  if (sheet) sheet.replaceWith(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: sheet.content }));
  const late = document.getElementById('late');
  if (!late) return;
  const scripts = late.content.cloneNode(true);
  for (const script of scripts.querySelectorAll('script')) script.async = false; // in their order
  late.replaceWith(scripts);
}

const system = matchMedia('(prefers-color-scheme: dark)');
const year = 60 * 60 * 24 * 365;

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : system.matches;
  const next = dark ? 'light' : 'dark';
  const asSystem = (next === 'dark') === system.matches; // back to what the system wants: follow it again
  if (asSystem) delete root.dataset.theme; else root.dataset.theme = next;
  document.cookie = `ops-theme=${asSystem ? '' : next}; path=/; max-age=${asSystem ? 0 : year}; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
}

document.addEventListener('click', e => {
  if (!(e.target instanceof Element)) return;
  if (e.target.closest('[data-theme-switch]')) switchTheme();
  const copy = e.target.closest('[data-copy]');
  if (copy) copyText(copy);
  for (const menu of document.querySelectorAll('details.more[open]'))
    if (!menu.contains(e.target) || e.target.closest('a')) menu.open = false;
  if (e.target.closest('.skip')) setTimeout(() => document.getElementById('main')?.focus());
});

document.addEventListener('keydown', e => {
  if (e.key !== 'Escape') return;
  for (const menu of document.querySelectorAll('details.more[open]')) { menu.open = false; menu.querySelector('summary')?.focus(); }
});

async function copyText(button) {
  const text = document.getElementById(button.dataset.copy)?.textContent?.trim() ?? '';
  try { await navigator.clipboard.writeText(text); }
  catch { // no clipboard without HTTPS: select it, so that Ctrl+C does
    getSelection()?.selectAllChildren(document.getElementById(button.dataset.copy));
    return;
  }
  button.dataset.copied = '1';
  setTimeout(() => delete button.dataset.copied, 2000);
}
