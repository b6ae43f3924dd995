// Every page that can be reached by links, one example of each kind: what is looked at and checked
// must not be a list that somebody forgets to add to.

import { base, open } from "./server.mjs";

/** An address without what differs between pages of one kind: ids, days, account numbers. */
export function kind(address) {
  const url = new URL(address, base);
  const path = url.pathname
    .replace(/\d{4}-\d{2}-\d{2}/g, "{day}")
    .replace(/\/\d{5,}/g, "/{id}")
    .replace(/(\/tariffs\/)(?!publish)[^/]+/, "$1{code}")
    .replace(/(\/tariffs\/\{code\}\/)[^/]+$/, "$1{version}");
  const keys = [...url.searchParams.keys()].filter((key) => key === "tab" || key === "view").sort();
  return path + keys.map((key) => `?${key}`).join("");
}

const FILES = /\.(csv|json|xml|toml|zip)$|\/assets\/|\/sign-out|\/download|\/api\//;

/** The pages below `start` that this session reaches, by kind. */
export async function pages(session, start, options = {}) {
  const { context, page } = await open({ session, ...options });
  const found = new Map([[kind(start), start]]);
  for (const [, address] of found) {
    const answer = await page.goto(address);
    if (!answer?.headers()["content-type"]?.startsWith("text/html")) {
      found.delete(kind(address));
      continue;
    }
    const links = await page.$$eval("a[href]:not([download])", (all) => all.map((a) => a.href));
    for (const link of links) {
      const url = new URL(link);
      const inside = url.origin === new URL(base).origin && url.pathname.startsWith(start);
      if (!inside || FILES.test(url.pathname)) continue;
      const address = url.pathname + url.search;
      if (!found.has(kind(address))) found.set(kind(address), address);
    }
  }
  await context.close();
  return found;
}
