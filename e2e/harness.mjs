// What all journeys share: the rules that hold on every page, and the forms a journey takes.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import { LOCALES, SIZES, close, open } from "./server.mjs";

export * from "./server.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const planned = [];

/** A test of its own kind. */
export function check(name, timeout_s, run) {
  planned.push([name, { timeout: timeout_s * 1_000 }, run]);
}

/** Begins, when every file has said what it wants: the browser is closed after the last one. */
export function begin() {
  after(close);
  for (const [name, options, run] of planned) test(name, options, run);
}

/** What the theme alone decides. */
export const CONTRAST = { type: "rule", values: ["color-contrast"] };

/** The rules that hold on every page: axe, width, landmarks, language. */
export async function inspect(page, name = "", rules = ALL) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${name} ${page.url()} is ${over} px wider than the screen`);
  await page.evaluate(axe);
  const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), rules);
  const serious = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  const told = serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  assert.deepEqual(told, [], `${name} ${page.url()}`);
  assert.equal(await page.locator("main").count(), 1, "one main landmark");
  assert.equal(await page.locator("h1").count(), 1, "one first heading");
}

/** A picture of where a journey ended, when a folder for it is named. */
export async function shot(page, name) {
  const folder = process.env.E2E_SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replace(/\W+/g, "-")}.png`), fullPage: true });
}

/** One walk on a fresh context. `steps(page)` may rest anywhere and `inspect`. */
export function journey(name, steps, options = {}) {
  check(name, 180, async () => {
    const session = options.as ? await options.as() : undefined;
    const { context, page, wrong } = await open({ ...options, session });
    try {
      await steps(page);
      assert.deepEqual(wrong, []);
    } finally {
      await shot(page, name);
      await context.close();
    }
  });
}

/** A page in every size, language and theme, under all rules; then `check(page, { locale })`. */
export function everyWay(name, path, check = () => {}, before = () => {}) {
  for (const size of Object.keys(SIZES)) {
    for (const locale of Object.keys(LOCALES)) {
      for (const dark of [false, true]) {
        const full = `${name} (${size}, ${locale}, ${dark ? "dark" : "light"})`;
        const steps = async (page) => {
          await before(page);
          await page.goto(path);
          await inspect(page, full);
          assert.equal(await page.locator("html").getAttribute("lang"), locale);
          await check(page, { locale, size });
        };
        journey(full, steps, { size, locale, dark });
      }
    }
  }
}

/** A walk with JavaScript switched off. */
export function withoutScript(name, steps, options = {}) {
  journey(`${name} (no script)`, steps, { ...options, script: false });
}

/** The words of a page in the language of the visit. */
export const say = (locale, zh, en) => (locale === "zh-CN" ? zh : en);

/** A download as text, by its link or button. */
export async function download(page, click) {
  const [file] = await Promise.all([page.waitForEvent("download"), click()]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), "utf8") };
}

/** The rows of a CSV text without quoted line ends, by the names of its columns. */
export function rows(text) {
  const lines = text.replace(/^\uFEFF/, "").trimEnd().split(/\r?\n/);
  const cells = (line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map((m) => m[1].replace(/^"|"$/g, ""));
  const heading = cells(lines[0]);
  return lines.slice(1).map((line) => Object.fromEntries(cells(line).map((cell, i) => [heading[i], cell])));
}

/** Comes back to the page until it says something: for work that goes on in the background. */
export async function until(page, selector, seconds = 60) {
  for (let left = seconds; left > 0; left--) {
    if ((await page.locator(selector).count()) > 0) return;
    await page.waitForTimeout(1_000);
    await page.reload();
  }
  assert.fail(`${page.url()} never showed ${selector}: ${await page.textContent("main")}`);
}
