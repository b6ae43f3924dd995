// The clerk: what needs a decision, deciding a finding with a reason, taking it back, and the same
// with JavaScript switched off.

import assert from "node:assert/strict";
import { inspect, journey, staff, withoutScript } from "../harness.mjs";

const as = () => staff("billing");

/** What home says of findings that wait: the first list, and all of them together. */
async function waiting(page) {
  await page.goto("/console");
  const lists = page.locator(".decisions a[href^='/console/exceptions']");
  const counts = await lists.locator(".decision-count").allTextContents();
  const count = counts.reduce((sum, text) => sum + Number(text.replace(/\D/g, "")), 0);
  return { lists, count };
}

/** Goes from home to the first finding that waits. */
async function toFinding(page) {
  const { lists, count } = await waiting(page);
  assert.ok(count > 0, "the demo has findings that wait");
  await lists.first().click();
  const list = page.url();
  await page.locator("main table tbody tr a[href^='/console/exceptions/']").first().click();
  await page.waitForURL(/\/console\/exceptions\/\d+$/);
  return { here: new URL(page.url()).pathname, count, list };
}

async function decide(page, { here, count, list }, what) {
  await page.click("main form[action^='/console/exceptions/'] button[type=submit]");
  assert.equal(await page.locator("[aria-invalid=true]").count(), 2, "a decision and a reason are needed");
  await page.selectOption("#decision", what);
  await page.fill("#reason", "已与客户电话核实，假期全家外出 <b>");
  await page.click("main form[action^='/console/exceptions/'] button[type=submit]");
  await page.waitForSelector(".alert-ok");
  const told = await page.textContent("main");
  assert.match(told, /已与客户电话核实，假期全家外出 <b>/, "the reason is kept as it was written");
  assert.match(told, /演示核算员/, "and who decided");
  assert.equal(await page.locator("#decision").count(), 0, "nothing is left to decide");
  const { count: left } = await waiting(page);
  assert.ok(left < count, `${left} wait, ${count} did before`);
  await page.goto(list);
  assert.equal(await page.locator(`main a[href='${here}']`).count(), 0, "it is gone from the list");
}

/** The customer's page tells of the finding, and of what the decision changed. */
async function seeHistory(page, here) {
  await page.goto(here);
  await page.click("main a[href^='/console/customers/']");
  assert.ok((await page.locator(`main a[href='${here}']`).count()) > 0, "the finding stays in the history");
}

async function takeBack(page, { here, list }) {
  await page.goto(here);
  await page.click("form[action$='/reopen'] button");
  await page.waitForSelector("#decision");
  await page.goto(list);
  assert.equal(await page.locator(`main a[href='${here}']`).count(), 1, "it waits again");
}

journey("a clerk decides a finding, sees it gone, and takes it back", async (page) => {
  const finding = await toFinding(page);
  await inspect(page);
  await decide(page, finding, "accept");
  await seeHistory(page, finding.here);
  await inspect(page);
  await takeBack(page, finding);
}, { as });

withoutScript("a clerk decides a finding, sees it gone, and takes it back", async (page) => {
  const finding = await toFinding(page);
  await decide(page, finding, "estimate");
  await seeHistory(page, finding.here);
  await takeBack(page, finding);
}, { as });

journey("two clerks cannot decide the same finding twice", async (page) => {
  const { here } = await toFinding(page);
  const other = await page.context().newPage();
  await other.goto(here);
  for (const one of [page, other]) {
    await one.selectOption("#decision", "field_check");
    await one.fill("#reason", "派人现场核查");
    await one.click("main form[action^='/console/exceptions/'] button[type=submit]");
  }
  await page.waitForSelector(".alert-ok");
  await other.waitForLoadState();
  assert.equal(await other.locator(".alert-ok").count(), 0, "the second is told, not obeyed");
  await inspect(other);
}, { as });

journey("a month is closed, its bills are reviewed and issued", async (page) => {
  await page.goto("/console/months");
  await page.click("main form[action='/console/months'] button");
  await page.waitForURL("**/console/months");
  // The bar keeps itself up to date; the list tells when the month is done.
  await page.waitForFunction(async () => {
    const answer = await fetch(location.href).then((r) => r.text());
    return /months\/2026-07-01\/issue/.test(answer);
  }, null, { timeout: 90_000, polling: 1_000 });
  await page.goto("/console/bills?month=2026-07");
  await inspect(page);
  const waiting = await page.locator("#queue input[name=bill]").count();
  if (waiting > 0) {
    await page.locator("#queue input[name=bill]").first().check();
    await page.click("#queue button[type=submit]");
    await page.waitForSelector(".alert-ok");
    assert.ok((await page.locator("#queue input[name=bill]").count()) < waiting, "one bill fewer waits");
  }
  await page.goto("/console/months");
  await inspect(page);
  await page.click("main a[href='/console/months/2026-07-01/issue']");
  await inspect(page);
  await page.click("main form button[type=submit]");
  await page.waitForFunction(async () => {
    const answer = await fetch("/console/months").then((r) => r.text());
    return !/months\/2026-07-01\/issue/.test(answer) && /month=2026-07&(amp;|#38;)?state=issued/.test(answer);
  }, null, { timeout: 90_000, polling: 1_000 });
  await page.goto("/console/bills?month=2026-07&state=issued");
  await page.locator("#list a[href^='/console/bills/']").first().click();
  assert.equal(await page.locator("a[href$='/correct'], main .badge-ok").count() > 0, true, "the bill is issued");
}, { as });
