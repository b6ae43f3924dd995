// The texts of the program in both languages, to tell whether a page mixes them.

import { readFileSync, readdirSync } from "node:fs";

const folder = new URL("../crates/app/locales/", import.meta.url);
const LINE = /^([a-z0-9_.]+) = \{ zh = "((?:[^"\\]|\\.)*)", en = "((?:[^"\\]|\\.)*)" \}/;

const zh = new Map();
const en = new Map();
const keys = new Set();
for (const file of readdirSync(folder)) {
  let section = "";
  for (const line of readFileSync(new URL(file, folder), "utf8").split("\n")) {
    section = line.match(/^\[(.+)\]$/)?.[1] ?? section;
    const found = line.match(LINE);
    if (!found) continue;
    const key = section ? `${section}.${found[1]}` : found[1];
    keys.add(key);
    if (found[2] === found[3]) continue;
    if (/[\u4e00-\u9fff]/.test(found[2])) zh.set(found[2], key);
    if (/^[A-Z].*[a-z]{3}/.test(found[3])) en.set(found[3], key);
  }
}

/** The words of a page that are of the other language, or keys that have no words. */
export async function strayWords(page, locale) {
  const texts = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const hidden = walker.currentNode.parentElement.closest("script, style, [lang], code");
      if (!hidden) found.add(walker.currentNode.textContent.trim());
    }
    for (const element of document.querySelectorAll("main [aria-label], main [title], main [data-label]")) {
      for (const name of ["aria-label", "title", "data-label"]) found.add(element.getAttribute(name) ?? "");
    }
    return [...found];
  });
  const other = locale === "en" ? zh : en;
  return texts
    .filter((text) => text.length > 1)
    .filter((text) => other.has(text) || keys.has(text) || /^\{\w+\}$/.test(text))
    .map((text) => `${text} (${other.get(text) ?? "a key"})`);
}
