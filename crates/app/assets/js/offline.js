// Keeping a copy of the portal on this phone: switched on and off by the customer, and forgotten
// when somebody signs out or comes to sign in.

const CHOICE = "lamplight-keep";
const WORKER = "/portal/worker.js";

async function forget() {
  localStorage.removeItem(CHOICE);
  await caches.delete("lamplight-portal");
  const found = await navigator.serviceWorker.getRegistration("/portal");
  await found?.unregister();
}

async function keep() {
  await navigator.serviceWorker.register(WORKER, { scope: "/portal" });
  const ready = await navigator.serviceWorker.ready;
  const bills = await (await fetch("/portal/bills")).text();
  const newest = bills.match(/\/portal\/bills\/\d+/) ?? [];
  const { port1, port2 } = new MessageChannel();
  const done = new Promise((resolve) => { port1.onmessage = resolve; });
  ready.active.postMessage(["/portal", "/portal/usage", "/portal/bills", ...newest], [port2]);
  await done;
  localStorage.setItem(CHOICE, "yes");
}

// On the page where it is chosen.
function offer(box) {
  const button = box.querySelector("button");
  const show = () => {
    const kept = localStorage.getItem(CHOICE) !== null;
    button.textContent = kept ? button.dataset.off : button.dataset.on;
    button.setAttribute("aria-pressed", String(kept));
    box.querySelector("[data-kept]").hidden = !kept;
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await (localStorage.getItem(CHOICE) === null ? keep() : forget());
    } finally {
      button.disabled = false;
      show();
    }
  });
  show();
  box.hidden = false;
}

if ("serviceWorker" in navigator && "caches" in window) {
  if (location.pathname.startsWith("/portal/sign-in")) forget();
  document.querySelector("form[action='/portal/sign-out']")?.addEventListener("submit", () => { forget(); });
  const box = document.querySelector("[data-offline]");
  if (box) offer(box);
}

// A page that came from the copy says since when it is true.
const { keptAt } = document.body.dataset;
const note = document.querySelector("[data-kept-note]");
if (keptAt && note) {
  const language = document.documentElement.lang;
  const at = new Date(keptAt).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  note.querySelector("time").textContent = at;
  note.hidden = false;
}
