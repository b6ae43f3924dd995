// The customer: in by account and one-time code, reading usage and bill, and taking the data home.

import assert from "node:assert/strict";
import { customer, download, inspect, journey, rows, signInSomeCustomer, staff, withoutScript } from "../harness.mjs";
import { open } from "../server.mjs";

const as = customer;
const phone = { as, size: "phone" };

/** In, to the latest bill, to its arithmetic and causes. */
async function readBill(page) {
  await signInSomeCustomer(page, 3_300_000_011);
  await page.click("a.own-bill");
  await page.waitForURL(/\/portal\/bills\/\d+$/);
  await page.locator(".own-line summary").first().click();
  assert.match(await page.locator(".own-line .explain-body").first().textContent(), /×/);
  const amounts = await page.locator(".own-line:not(.own-total) .own-amount").allTextContents();
  const fen = (text) => Math.round(Number(text.replace(/[^\d.−-]/g, "").replace("−", "-")) * 100);
  const total = fen(await page.locator(".own-total .own-amount").textContent());
  assert.equal(amounts.reduce((sum, text) => sum + fen(text), 0), total, "the lines add up to the bill");
  assert.ok((await page.locator(".own-effects li").count()) > 0, "why it differs from the month before");
}

journey("a customer signs in with a code and reads the bill", async (page) => {
  await readBill(page);
  await inspect(page);
  for (const path of ["/portal", "/portal/usage", "/portal/bills", "/portal/what-if", "/portal/data"]) {
    await page.goto(path);
    await inspect(page);
  }
}, { size: "phone" });

journey("a customer keeps a copy on the phone and reads it without a network", async (page) => {
  await signInSomeCustomer(page, 3_300_000_021);
  await page.goto("/portal/data");
  await page.click("[data-offline] button");
  await page.waitForSelector("[data-offline] [data-kept]:not([hidden])");
  await inspect(page);
  await page.context().setOffline(true);
  await page.goto("/portal/bills");
  await page.waitForSelector("[data-kept-note]:not([hidden])");
  assert.match(await page.locator("[data-kept-note] time").textContent(), /\d/, "it says since when it is true");
  await page.click("a[href^='/portal/bills/']");
  assert.ok((await page.locator(".own-line").count()) > 0, "the newest bill is kept with its lines");
  await page.context().setOffline(false);
  await page.goto("/portal");
  await page.click("details.menu summary");
  await page.click("form[action='/portal/sign-out'] button");
  await page.waitForURL(/sign-in/);
  await page.waitForFunction(async () => !(await caches.has("lamplight-portal")));
}, { size: "phone" });

withoutScript("a customer signs in with a code and reads the bill", async (page) => {
  await readBill(page);
  await page.goto("/portal/usage");
  assert.ok((await page.locator("svg.bars").count()) > 0, "the use is drawn without a script");
  assert.ok((await page.locator(".chart-data table tbody tr").count()) > 0, "and stands in a table");
}, { size: "phone" });

journey("a wrong code and a wrong phone open nothing", async (page) => {
  await page.goto("/portal/sign-in");
  await page.fill("#account", "3300000003");
  await page.fill("#phone", "13000000000");
  await page.click("main button[type=submit]");
  assert.equal(await page.locator(".alert").count(), 0, "no code is shown, and nothing is said of the account");
  await page.fill("#code", "000000");
  await page.click("main button[type=submit]");
  await page.waitForSelector(".alert-bad");
  await page.goto("/portal");
  assert.equal(new URL(page.url()).pathname, "/portal/sign-in");
}, { size: "phone" });

journey("a customer takes the daily use home as CSV", async (page) => {
  await page.goto("/portal/data");
  const links = await page.$$eval("a.offer", (all) => all.map((a) => a.getAttribute("href")));
  const csv = links.find((href) => /day|daily/.test(href)) ?? links[0];
  const file = await download(page, () => page.click(`a.offer[href='${csv}']`));
  const days = rows(file.text);
  assert.ok(days.length > 60, `${days.length} days`);
  const dates = days.map((row) => Object.values(row).find((cell) => /^2026-\d\d-\d\d$/.test(cell)));
  assert.ok(dates.every(Boolean), "every row has its day");
  assert.deepEqual([...dates].sort(), dates, "in order");
  // June as the file has it is June as the bill has it.
  const key = Object.keys(days[0]).find((name) => /^(energy|use|total).*kwh$/i.test(name));
  assert.ok(key, `a column of energy: ${Object.keys(days[0])}`);
  const june = days.filter((row, i) => dates[i].startsWith("2026-06")).reduce((sum, row) => sum + Number(row[key]), 0);
  await page.goto("/portal/bills");
  const bill = page.locator("main a[href^='/portal/bills/']", { hasText: /2026年6月|Jun 2026/ }).first();
  await bill.click();
  const shown = (await page.locator(".figures").textContent()).match(/([\d,.]+)\s*(?:千瓦时|kWh)/)[1];
  assert.ok(Math.abs(june - Number(shown.replace(/,/g, ""))) < 0.011, `${june} and ${shown}`);
}, phone);

journey("a customer takes everything home as JSON", async (page) => {
  await page.goto("/portal/data");
  const link = await page.$$eval("a.offer", (all) => all.map((a) => a.getAttribute("href")).find((h) => h.includes("json")));
  const file = await download(page, () => page.click(`a.offer[href='${link}']`));
  const data = JSON.parse(file.text);
  const flat = JSON.stringify(data);
  assert.match(flat, /202606-33\d{8}/, "the bills are in it");
  assert.match(flat, /2026-06-30/, "and the days");
}, phone);

journey("a customer takes the Green Button file home", async (page) => {
  await page.goto("/portal/data");
  const link = await page.$$eval("a.offer", (all) => all.map((a) => a.getAttribute("href")).find((h) => /green|xml|espi/.test(h)));
  const file = await download(page, () => page.click(`a.offer[href='${link}']`));
  const told = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, "application/xml");
    const of = (name) => xml.getElementsByTagNameNS("http://naesb.org/espi", name).length;
    return { broken: xml.querySelector("parsererror")?.textContent ?? "", readings: of("IntervalReading"), points: of("UsagePoint") };
  }, file.text);
  assert.equal(told.broken, "");
  assert.equal(told.points, 1, "their own usage point and nobody else's");
  assert.ok(told.readings > 60, `${told.readings} readings`);
}, phone);

journey("a customer sees nobody else's bill", async (page) => {
  const desk = await open({ session: await staff("billing") });
  await desk.page.goto("/console/bills?month=2026-06");
  const others = await desk.page.$$eval("#list a[href^='/console/bills/']", (all) => all.map((a) => a.getAttribute("href")));
  await desk.context.close();
  const answers = [];
  for (const href of others.slice(5, 8)) {
    const answer = await page.goto(href.replace("/console", "/portal"));
    answers.push(answer.status());
  }
  assert.deepEqual(answers, [404, 404, 404]);
}, phone);
