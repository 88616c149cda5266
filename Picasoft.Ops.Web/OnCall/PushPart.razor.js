// This browser's push subscription: whether there is one, making one, ending it. Permission is asked only when somebody presses the button.
const name = () => {
  const agent = navigator.userAgent;
  const browser = ['Firefox', 'Edg', 'OPR', 'Chrome', 'Safari'].find(b => agent.includes(b)) ?? 'Browser';
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac', 'Linux'].find(s => agent.includes(s)) ?? '';
  return [browser === 'Edg' ? 'Edge' : browser === 'OPR' ? 'Opera' : browser, system].filter(Boolean).join(', ');
};
const bytes = text => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), c => c.charCodeAt(0));

export const can = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

export async function current() {
  if (!can()) return null;
  const registration = await navigator.serviceWorker.getRegistration('/');
  return (await registration?.pushManager.getSubscription())?.endpoint ?? null;
}

// What to store; or {refused} with the browser's reason.
export async function subscribe(key) {
  try {
    if (await Notification.requestPermission() !== 'granted') return { refused: 'permission' };
    await navigator.serviceWorker.register('/sw.js', { scope: '/' });
    const registration = await navigator.serviceWorker.ready;
    const subscription = (await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) })).toJSON();
    return { endpoint: subscription.endpoint, p256dh: subscription.keys.p256dh, auth: subscription.keys.auth, name: name() };
  } catch (error) {
    return { refused: String(error.message ?? error).slice(0, 200) };
  }
}

export async function unsubscribe() {
  const registration = await navigator.serviceWorker.getRegistration('/');
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}
