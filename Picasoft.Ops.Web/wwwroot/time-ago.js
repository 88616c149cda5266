// Keeps every <time data-ago> current: one timer for the page, however many there are.
// Same words and rounding as Ui/Ago.cs. The text node is changed in place, because Blazor keeps a reference to it.
const french = document.documentElement.lang.startsWith('fr');
const language = french ? 'fr' : 'en-GB'; // the day before the month
// Made when first needed: the browser's calendars take it tens of milliseconds to load.
const format = options => {
  let made = null;
  return date => (made ??= new Intl.DateTimeFormat(language, options)).format(date);
};
const exact = format({ dateStyle: 'full', timeStyle: 'long' }); // says the zone
const short = format({ dateStyle: 'medium', timeStyle: 'short' }); // the month by its name: 11/12 must not mean two days
const forms = {
  seconds: format({ dateStyle: 'medium', timeStyle: 'medium' }), // lines of logs: several in a minute
  zone: format({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }), // what people act upon
};

// People plan by it: of what ends in 1 h 59 min, "1 h" is half.
function ahead(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  const two = (big, bigUnit, small, smallUnit) => small === 0 || big >= 10 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  return hours === 0 ? `${minutes} min` : days === 0 ? two(hours, 'h', minutes % 60, 'min') : two(days, french ? 'j' : 'd', hours % 24, 'h');
}

function text(at, now) {
  const seconds = Math.floor(Math.abs(now - at) / 1000);
  if (seconds < 5) return french ? 'à l’instant' : 'just now';
  if (at > now) return `${french ? 'dans' : 'in'} ${ahead(seconds)}`;
  const length = seconds < 60 ? `${seconds} s`
    : seconds < 3600 ? `${Math.floor(seconds / 60)} min`
    : seconds < 172800 ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86400)} ${french ? 'j' : 'd'}`;
  return french ? `il y a ${length}` : `${length} ago`;
}

const filled = new WeakMap();
const local = at => new Date(at - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

function tick() {
  if (document.hidden) return;
  const now = Date.now();
  for (const time of document.querySelectorAll('time[data-ago]')) {
    const said = text(Date.parse(time.dateTime), now);
    const node = time.firstChild;
    if (node && node.data !== said) node.data = said;
  }
  // Instants inside sentences ("until 15:30"): the server says them in UTC, the reader wants their own clock.
  for (const time of document.querySelectorAll('time[data-at]')) {
    const said = (forms[time.dataset.at] ?? short)(new Date(time.dateTime));
    const [first, ...rest] = time.childNodes;
    if (first && first.data !== said) first.data = said;
    for (const node of rest) if (node.data) node.data = ''; // " UTC": Blazor keeps it in a node of its own
  }
  // Fields for an instant are filled in by that clock too; not under the fingers of somebody.
  for (const field of document.querySelectorAll('input[data-instant]')) {
    const at = field.dataset.instant;
    if (field === document.activeElement || filled.get(field) === at) continue;
    filled.set(field, at);
    field.value = at ? local(new Date(at)) : '';
  }
}

// The exact time is worked out when somebody points at it, not for 500 rows at once.
function explain(event) {
  const time = event.target.closest?.('time');
  if (time?.dateTime) time.title = exact(new Date(time.dateTime));
}

document.addEventListener('pointerover', explain, { passive: true });
document.addEventListener('focusin', explain);
document.addEventListener('visibilitychange', tick);
setInterval(tick, 5000);
new MutationObserver(changes => {
  if (changes.some(c => [...c.addedNodes].some(n => n.nodeType === 1))) tick();
}).observe(document.body, { childList: true, subtree: true });
tick();
