// The server that is looked at, and the browser that looks: started once per process.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

export const SIZES = { wide: { width: 1366, height: 768 }, phone: { width: 390, height: 844 } };
export const LOCALES = { "zh-CN": "zh-CN", en: "en-GB" };

/** The demo's password, as the program prints it. */
export const PASSWORD = "lamplight-demo-2026";

// A small county is enough to walk through, and quick to make: May and June are closed, July is
// settled and waits for its close.
const DEMO =
  'exec "$LAMPLIGHT_BIN" demo --customers 250 --from 2026-05-01 --to 2026-08-02 --data "$LAMPLIGHT_DATA" --listen 127.0.0.1:0';

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

export const base = await address();

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

/** Stops what was started here and leaves nothing behind. */
export async function close() {
  await browser.close();
  if (server) {
    server.removeAllListeners("exit");
    process.kill(-server.pid);
    rmSync(data, { recursive: true, force: true });
  }
}

/** A context that notes what a page may not do: leave the origin, complain, break. */
export async function open(options = {}) {
  const { size = "wide", locale = "zh-CN", dark = false, script = true, session } = options;
  const context = await browser.newContext({
    baseURL: base,
    viewport: SIZES[size],
    locale: LOCALES[locale],
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: script,
    reducedMotion: "reduce",
    storageState: session,
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

/** Signs staff in through the page, so that what follows is walked as they would. */
export async function signIn(page, name, password = PASSWORD) {
  await page.goto("/sign-in");
  await page.fill("#name", name);
  await page.fill("#password", password);
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

const sessions = new Map();

/** The session of a member of staff, signed in once per process; for contexts of their own. */
export async function staff(name) {
  if (!sessions.has(name)) {
    const { context, page } = await open();
    await signIn(page, name);
    sessions.set(name, await context.storageState());
    await context.close();
  }
  return sessions.get(name);
}

/** The number of an account and the address of its customer page, as the search lists them. */
export async function someAccount(page, question = "330000000") {
  await page.goto(`/console/customers?q=${encodeURIComponent(question)}`);
  // A question that fits one customer only leads there at once.
  if (!/\/customers\/\d+$/.test(page.url())) {
    await page.locator("main a[href^='/console/customers/']").first().click();
    await page.waitForURL(/\/customers\/\d+$/);
  }
  const href = new URL(page.url()).pathname;
  const no = (await page.textContent("main, header")).match(/33\d{8}/)?.[0];
  return { href, no: no ?? (await page.content()).match(/33\d{8}/)[0] };
}

/** The phone on file, which staff see for a purpose that they name. */
export async function phoneOf(page, href) {
  await page.goto(`${href}/reveal`);
  await page.fill("input[name=purpose]", "回访");
  await page.click("main form button[type=submit]");
  await page.waitForSelector("main .alert");
  const phone = (await page.textContent("main")).match(/\+86\d{11}/)?.[0];
  assert.ok(phone, "the page in clear shows a phone");
  return phone;
}

/** Signs a customer in through the portal: account, phone, and the code that the demo shows. Codes
 * are rationed per account: false when there is none at the moment. */
export async function signInCustomer(page, { no, phone }) {
  await page.goto("/portal/sign-in");
  await page.fill("#account", no);
  await page.fill("#phone", phone);
  await page.click("main button[type=submit]");
  await page.waitForSelector("#code, .reference");
  if ((await page.locator("#code").count()) === 0 || (await page.locator(".alert").count()) === 0) return false;
  const code = (await page.textContent(".alert")).match(/\d{6}/)[0];
  await page.fill("#code", code);
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/portal");
  return true;
}

/** Signs in the first customer from `first` on for whom there is a code. */
export async function signInSomeCustomer(page, first) {
  const desk = await open({ session: await staff("agent") });
  try {
    for (let no = first; no < first + 8; no++) {
      const account = await someAccount(desk.page, String(no));
      const phone = await phoneOf(desk.page, account.href);
      if (await signInCustomer(page, { no: account.no, phone })) return;
    }
    assert.fail(`no code for any of eight accounts from ${first} on`);
  } finally {
    await desk.context.close();
  }
}

/** The session of a customer, signed in once per process. */
export async function customer() {
  if (!sessions.has("customer")) {
    const { context, page } = await open({ size: "phone" });
    await signInSomeCustomer(page, 3_300_000_001);
    sessions.set("customer", await context.storageState());
    await context.close();
  }
  return sessions.get("customer");
}
