// Runs beside the portal on a customer's phone, once the customer asked to keep a copy there. Pages
// come from the network whenever there is one; without it, the last copy is shown and says its age.

const COPIES = "lamplight-portal";
const PAGES = ["/portal", "/portal/usage", "/portal/bills"];
const isKept = (path) => PAGES.includes(path) || /^\/portal\/bills\/\d+$/.test(path);

async function keep(address, response) {
  if (!response.ok || response.redirected) return;
  const headers = new Headers(response.headers);
  headers.set("x-kept-at", new Date().toISOString());
  const copies = await caches.open(COPIES);
  await copies.put(address, new Response(await response.blob(), { headers }));
}

// A page, fresh or kept. The copy carries when it was made, for the page to say so.
async function page(request) {
  const address = new URL(request.url).pathname;
  try {
    const response = await fetch(request);
    await keep(address, response.clone());
    return response;
  } catch {
    const copies = await caches.open(COPIES);
    const copy = (await copies.match(address)) ?? (await copies.match("/portal"));
    if (!copy) return Response.error();
    const text = await copy.text();
    const at = copy.headers.get("x-kept-at");
    return new Response(text.replace("<body ", `<body data-kept-at="${at}" `), { headers: copy.headers });
  }
}

// Styles and scripts have addresses that change with their content: a copy is never stale.
async function asset(request) {
  const copies = await caches.open(COPIES);
  const copy = await copies.match(request);
  if (copy) return copy;
  const response = await fetch(request);
  if (response.ok) await copies.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/assets/")) event.respondWith(asset(event.request));
  else if (mode === "navigate" && isKept(pathname)) event.respondWith(page(event.request));
});

// What to keep from the start: the main pages, the newest bill, and what they load.
self.addEventListener("message", (event) => {
  event.waitUntil((async () => {
    for (const pathname of event.data.filter(isKept)) {
      const response = await fetch(pathname);
      const text = await response.clone().text();
      await keep(pathname, response);
      for (const [address] of text.matchAll(/\/assets\/[\w.-]+/g)) await asset(new Request(address));
    }
    event.ports[0].postMessage("kept");
  })());
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
