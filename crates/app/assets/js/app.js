// Small comforts; every page works without them. Closes open menus, and shows long work live.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open], details.drawer[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open], details.drawer[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    const search = document.getElementById("top-search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// Server-sent events: each message is the HTML of the part that listens.
function listen(part) {
  const stream = new EventSource(part.dataset.live);
  stream.onmessage = (event) => {
    const current = document.getElementById(part.id);
    if (!current) return stream.close();
    const holder = document.createElement("template");
    holder.innerHTML = event.data;
    const next = holder.content.firstElementChild;
    if (!next) return;
    const ended = !next.dataset.live;
    delete next.dataset.live;
    current.replaceWith(next);
    if (ended) stream.close();
  };
}
for (const part of document.querySelectorAll("[data-live]")) listen(part);
