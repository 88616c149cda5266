// The few things of the frame that the server cannot do: the theme at once, the menu of a phone, the focus of the skip link.
// The page is painted first; MudBlazor's rules and the programs of the circuit would hold that up. A tab in the background is painted later, or never.
// A browser that has other things to do may say of a page that it is in sight, and not paint it: that one lives after a second all the same.
if (document.hidden) bringLate();
else {
  requestAnimationFrame(() => setTimeout(bringLate));
  setTimeout(bringLate, 1000);
}

function bringLate() {
  const sheet = document.querySelector('meta[name=late-sheet]');
  if (sheet) sheet.replaceWith(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: sheet.content }));
  const late = document.getElementById('late');
  if (!late) return;
  const scripts = late.content.cloneNode(true);
  for (const script of scripts.querySelectorAll('script')) script.async = false; // in their order
  late.replaceWith(scripts);
}

// The circuit draws the page anew, and reads for that: what the server had drawn stays in sight until it has. The inbox moves its rows over by itself.
const drawn = document.querySelector('.shell');
if (drawn && document.getElementById('late') && !drawn.querySelector('[data-rows]')) keepUntilReady(drawn);

function keepUntilReady(drawn) {
  let focused, late;
  drawn.addEventListener('focusin', e => focused = e.target);
  const own = () => [...document.querySelectorAll('.shell')].find(s => s !== drawn); // the circuit may draw more than one before it rests
  const watch = new MutationObserver(() => {
    const shell = own();
    if (!shell || (drawn.isConnected && !late)) return;
    if (shell.querySelector('[data-interactive="1"]')) { end(); return; }
    shell.style.display = 'none';
    if (late) return;
    late = setTimeout(end, 15_000);
    document.body.append(drawn);
    focused?.focus();
  });
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-interactive'] });

  function end() {
    watch.disconnect();
    clearTimeout(late);
    const shell = own();
    if (shell) shell.style.display = '';
    for (const field of drawn.querySelectorAll('input[id], textarea[id]')) {
      const now = shell?.querySelector('#' + CSS.escape(field.id));
      if (!now || field.type === 'checkbox' || field.type === 'hidden' || field.value === field.defaultValue) continue;
      now.value = field.value; // what was typed meanwhile
      now.dispatchEvent(new Event('input', { bubbles: true }));
      now.dispatchEvent(new Event('change', { bubbles: true }));
    }
    const id = drawn.contains(document.activeElement) ? document.activeElement.id : '';
    drawn.remove();
    if (id) shell?.querySelector('#' + CSS.escape(id))?.focus();
  }
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
  if (e.target.closest('[data-print]')) print();
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
