// Opens the page of readings where there is no network: what came last is shown. Data never passes here.

addEventListener("install", () => self.skipWaiting());
addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.origin === location.origin && (url.pathname === "/field" || url.pathname.startsWith("/assets/"));
  if (event.request.method !== "GET" || !ours) return;
  event.respondWith(
    fetch(event.request)
      .then(async (answer) => {
        if (answer.ok) (await caches.open("field")).put(url.pathname, answer.clone());
        return answer;
      })
      .catch(async () => (await caches.match(url.pathname)) ?? Response.error()),
  );
});
