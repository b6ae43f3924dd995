// Readings taken with a handheld: kept on the device until the server has them, with the time at which
// they were taken. Everything goes through the same door as any other handheld's.

const root = document.getElementById("field");
const word = (name) => root.dataset[name] ?? "";
const part = (id) => document.getElementById(id);

// What the device keeps: the readings that wait, each with its photo.
const opened = new Promise((resolve, reject) => {
  const request = indexedDB.open("field", 1);
  request.onupgradeneeded = () => request.result.createObjectStore("queue", { keyPath: "key" });
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function queue(mode, act) {
  const store = (await opened).transaction("queue", mode).objectStore("queue");
  return new Promise((resolve, reject) => {
    const request = act(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const token = () => localStorage.getItem("field.token") ?? "";

async function ask(path, options = {}) {
  const headers = { ...options.headers, authorization: `Bearer ${token()}` };
  return fetch(path, { ...options, headers, credentials: "omit" });
}

function say(text) {
  part("field-state").textContent = text;
}

function position() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(undefined);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude: coords.latitude, longitude: coords.longitude }),
      () => resolve(undefined),
      { enableHighAccuracy: true, timeout: 5000, maximumAge: 60000 },
    );
  });
}

// Sends what waits, the oldest first. What the server refuses stays, with its reason.
let sending = false;
async function send() {
  if (sending || !token()) return;
  sending = true;
  try {
    const waiting = (await queue("readonly", (store) => store.getAll())).filter((row) => !row.refused);
    waiting.sort((a, b) => a.at.localeCompare(b.at));
    for (const { photo, refused, ...row } of waiting) {
      const body = JSON.stringify({ ...row, sent_at: new Date().toISOString() });
      const headers = { "content-type": "application/json" };
      const answer = await ask("/api/v1/field-readings", { method: "POST", headers, body });
      if (answer.status === 401 || answer.status === 403) {
        say(word("unknown"));
        return;
      }
      if (!answer.ok) {
        if (answer.status >= 500) return;
        const problem = await answer.json().catch(() => ({}));
        await queue("readwrite", (store) => store.put({ ...row, photo, refused: problem.detail ?? `${answer.status}` }));
        continue;
      }
      const { reading } = await answer.json();
      if (photo) await ask(`/api/v1/field-readings/${reading}/photo`, { method: "POST", body: photo });
      await queue("readwrite", (store) => store.delete(row.key));
    }
  } catch {
    // No network: they are sent when it is back.
  } finally {
    sending = false;
    await show();
  }
}

async function show() {
  const rows = await queue("readonly", (store) => store.getAll());
  const waiting = rows.filter((row) => !row.refused).length;
  say(`${navigator.onLine ? word("online") : word("offline")} · ${word("waiting")}: ${waiting}`);
  const list = part("field-refused");
  list.replaceChildren(
    ...rows.filter((row) => row.refused).map((row) => {
      const item = document.createElement("li");
      item.textContent = `${row.usage_point} ${row.registers.total}: ${row.refused}`;
      const drop = document.createElement("button");
      drop.className = "button";
      drop.textContent = word("drop");
      drop.onclick = async () => {
        await queue("readwrite", (store) => store.delete(row.key));
        await show();
      };
      item.append(" ", drop);
      return item;
    }),
  );
}

// The route: from the server, or as it was last seen.
async function route() {
  if (!token()) return;
  try {
    const answer = await ask("/api/v1/field-route");
    if (answer.ok) localStorage.setItem("field.route", JSON.stringify((await answer.json()).items));
    else if (answer.status === 401 || answer.status === 403) say(word("unknown"));
  } catch {
    // Without network the last route stands.
  }
  const stops = JSON.parse(localStorage.getItem("field.route") ?? "[]");
  part("field-route").replaceChildren(
    ...stops.map((stop) => {
      const item = document.createElement("li");
      const choose = document.createElement("button");
      choose.className = "button button-wide";
      choose.textContent = `${stop.area} ${stop.address} · ${stop.meter}`;
      choose.onclick = () => {
        part("field-point").value = stop.meter;
        part("field-total").focus();
      };
      item.append(choose);
      return item;
    }),
  );
}

part("field-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  // The moment of reading is now, whatever the network or the satellites take.
  const at = new Date().toISOString();
  const form = event.target;
  const photo = form.elements.photo.files[0];
  if (!form.elements.point.value.trim() || !form.elements.total.value.trim()) return;
  const key = crypto.randomUUID?.() ?? `${Date.now()}-${performance.now()}`;
  const row = {
    key,
    at,
    usage_point: form.elements.point.value.trim(),
    registers: { total: form.elements.total.value.trim().replace(",", ".") },
    note: form.elements.note.value.trim(),
    position: await position(),
    photo,
  };
  await queue("readwrite", (store) => store.put(row));
  form.reset();
  await show();
  await send();
  await route();
});

part("field-key").addEventListener("submit", async (event) => {
  event.preventDefault();
  localStorage.setItem("field.token", event.target.elements.token.value.trim());
  event.target.reset();
  await route();
  await send();
});

addEventListener("online", send);
addEventListener("offline", show);
root.hidden = false;
await show();
await route();
await send();

// What the page needs is kept, so that it opens where there is no network.
if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/field-worker.js", { scope: "/field" });
  const kept = await caches.open("field");
  const needed = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]");
  await kept.addAll(["/field", ...[...needed].map((node) => node.href || node.src)]);
}
