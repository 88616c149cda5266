// Shows what the product pushes to this browser, also when no page is open. It keeps nothing and answers no requests.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

self.addEventListener('push', event => {
  let told = {};
  try { told = event.data?.json() ?? {}; } catch { /* not ours: say at least that something came */ }
  event.waitUntil(self.registration.showNotification(told.title ?? 'Picasoft.Ops', {
    body: told.body ?? '',
    tag: told.tag, // one incident, one notification: the newest word replaces the one before
    renotify: Boolean(told.tag),
    requireInteraction: Boolean(told.urgent),
    icon: '/favicon.svg',
    data: { url: told.url, acknowledge: told.acknowledge },
    actions: told.acknowledge ? [{ action: 'acknowledge', title: told.label ?? 'OK' }] : [],
  }));
});

self.addEventListener('notificationclick', event => {
  event.notification.close();
  const { url, acknowledge } = event.notification.data ?? {};
  const target = event.action === 'acknowledge' && acknowledge ? acknowledge : url ?? '/';
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then(open => {
    const there = open.find(client => client.url === target);
    return there ? there.focus() : self.clients.openWindow(target);
  }));
});
