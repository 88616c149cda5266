// Keeps the public page current. Not by reloading it: that would take the reader's place and focus away.
const main = document.getElementById('main');

async function renew() {
  if (document.hidden || main.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('main');
    if (fresh) main.replaceChildren(...fresh.childNodes);
  } catch {
    // Offline: what is shown says of when it is.
  }
}

setInterval(renew, 60_000);
