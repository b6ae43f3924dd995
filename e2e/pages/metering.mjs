// Meters and readings: a handheld that takes a reading where there is no network, and the orders of a
// quarter.

import assert from "node:assert/strict";
import { check, inspect, journey, open, shot, staff, withoutScript } from "../harness.mjs";

/** The asset number of some hung meter. */
async function someMeter(page) {
  await page.goto("/console/coverage/points");
  return (await page.textContent("main")).match(/3310\d{8}/)[0];
}

check("a reading taken without a network is sent when it is back", 180, async () => {
  const { context, page, wrong } = await open({ session: await staff("reading"), size: "phone" });
  const meter = await someMeter(page);
  await page.goto("/console/handhelds");
  await page.fill("#name", "PDA 1");
  await page.fill("#holder", "演示抄表员");
  await page.click("main form[action='/console/handhelds'] button");
  const token = (await page.textContent("main")).match(/handheld_[0-9a-f]{64}/)[0];
  await page.goto("/console/handhelds");
  assert.doesNotMatch(await page.textContent("main"), /handheld_/, "it is shown once");
  // The clock of the handheld stands near the demo's, which stands in August.
  await page.clock.setFixedTime("2026-08-02T04:00:00Z");
  await page.goto("/field");
  await inspect(page);
  await page.fill("#field-token", token);
  await page.click("#field-key button");
  await page.waitForFunction(async () => (await caches.open("field").then((kept) => kept.keys())).length > 2);
  await context.setOffline(true);
  await page.reload();
  await page.fill("#field-point", meter);
  await page.fill("#field-total", "99999.9");
  await page.click("#field-form button");
  await page.waitForFunction(() => /: 1$/.test(document.getElementById("field-state").textContent));
  await page.reload();
  await page.waitForFunction(() => /: 1$/.test(document.getElementById("field-state").textContent));
  await shot(page, "field offline");
  await context.setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.waitForFunction(() => /: 0$/.test(document.getElementById("field-state").textContent));
  assert.equal(await page.textContent("#field-refused"), "", "it was taken");
  await page.goto("/console/handhelds");
  assert.doesNotMatch(await page.locator("tbody tr").first().textContent(), /–/, "it was heard of");
  await context.close();
  // A device without a network says so on its console, which is what is tried here.
  assert.deepEqual(wrong.filter((text) => !/ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(text)), []);
});

withoutScript("the page of the handhelds says that it needs a script", async (page) => {
  await page.goto("/field");
  assert.match(await page.textContent("main"), /JavaScript/);
  assert.equal(await page.locator("#field-form").isVisible(), false);
});

withoutScript("the orders of a quarter are made, scheduled and found", async (page) => {
  await page.goto("/console/rotation");
  await page.locator("main form[action='/console/rotation'] button").first().click();
  await page.waitForURL(/\/console\/rotation$/);
  await page.goto("/console/orders");
  await page.locator("main a[href^='/console/orders/']").first().click();
  await page.fill("#planned_on", "2099-01-05");
  await page.fill("#crew", "一班");
  await page.click("form[action$='/schedule'] button");
  assert.match(await page.textContent("main"), /一班/);
  await page.goto("/console/orders?state=assigned");
  assert.equal(await page.locator("main a[href^='/console/orders/']").count(), 1);
}, { as: () => staff("reading") });

journey("a meter that nobody answers for is told plainly", async (page) => {
  const meter = await someMeter(page);
  await page.goto(`/console/requests?point=${meter}`);
  await page.click("main form.form button");
  await page.waitForURL(/\/console\/requests\/\d+$/);
  // No head-end is connected to the demo: within half a minute the page says so by itself.
  await page.waitForFunction(() => document.querySelector(".alert-bad"), null, { timeout: 60_000 });
  await inspect(page);
}, { as: () => staff("reading") });
