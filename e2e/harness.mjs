// What all journeys share: the server, the browser, and the rules that hold on every page.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const SIZES = { wide: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
export const LOCALES = { "zh-CN": "zh-CN", en: "en-GB" };
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// A small county is enough to walk through, and quick to make.
const DEMO = '"$LAMPLIGHT_BIN" demo --customers 300 --from 2026-06-01 --to 2026-08-10 --data "$LAMPLIGHT_DATA" --listen 127.0.0.1:0';

let server;
let data;

/** The address of the server: given, or that of the command started here. */
async function address() {
  if (process.env.LAMPLIGHT_URL) return process.env.LAMPLIGHT_URL.replace(/\/$/, "");
  const program = process.env.LAMPLIGHT_BIN;
  const command = process.env.LAMPLIGHT_START ?? (program && DEMO);
  assert.ok(command, "set LAMPLIGHT_URL to a running server, or LAMPLIGHT_BIN to the program");
  data = mkdtempSync(join(tmpdir(), "lamplight-e2e-"));
  const env = { ...process.env, LAMPLIGHT_DATA: data };
  server = spawn(command, { shell: true, stdio: ["ignore", "pipe", "inherit"], detached: true, env });
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (text) => {
      said += text;
      const found = said.match(/https?:\/\/[\w.:[\]-]+\w/);
      if (found) resolve(found[0]);
    });
    server.on("exit", (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
}

const base = await address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

after(async () => {
  await browser.close();
  if (server) {
    server.removeAllListeners("exit");
    process.kill(-server.pid);
    rmSync(data, { recursive: true, force: true });
  }
});

/** A context that notes what a page may not do: leave the origin, complain, break. */
async function open({ size = "wide", locale = "zh-CN", dark = false, script = true } = {}) {
  const context = await browser.newContext({
    baseURL: base,
    viewport: SIZES[size],
    locale: LOCALES[locale],
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: script,
    reducedMotion: "reduce",
  });
  const wrong = [];
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(base).origin) wrong.push(`left: ${request.url()}`);
  });
  context.on("console", (message) => {
    // A page that answers 4xx on purpose is announced on the console as well.
    const announced = /Failed to load resource: the server responded with a status of 4\d\d/;
    if (message.type() === "error" && !announced.test(message.text())) wrong.push(message.text());
  });
  context.on("weberror", (error) => wrong.push(String(error.error())));
  return { context, page: await context.newPage(), wrong, script };
}

/** The rules that hold on every page: axe, width, landmarks, language. */
export async function inspect(page, name = "") {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${name} ${page.url()} is ${over} px wider than the screen`);
  await page.evaluate(axe);
  const found = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), RULES);
  const serious = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  const told = serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  assert.deepEqual(told, [], `${name} ${page.url()}`);
  assert.equal(await page.locator("main").count(), 1, "one main landmark");
  assert.equal(await page.locator("h1").count(), 1, "one first heading");
}

async function shot(page, name) {
  const folder = process.env.E2E_SHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name.replace(/\W+/g, "-")}.png`), fullPage: true });
}

/** Signs staff in through the page, so that what follows is walked as they would. */
export async function signIn(page, name, password) {
  await page.goto("/sign-in");
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** One walk on a fresh context. `steps(page)` may rest anywhere and `inspect`. */
export function journey(name, steps, options = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const { context, page, wrong } = await open(options);
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
export function withoutScript(name, steps) {
  journey(`${name} (no script)`, steps, { script: false });
}

/** The words of a page in the language of the visit. */
export const say = (locale, zh, en) => (locale === "zh-CN" ? zh : en);
