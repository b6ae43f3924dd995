// The door: sign-in pages, refusals, pages that are not there, preferences.

import assert from "node:assert/strict";
import { everyWay, inspect, journey, say, withoutScript } from "../harness.mjs";

everyWay("staff sign-in", "/sign-in", async (page, { locale }) => {
  assert.equal(await page.textContent("h1"), say(locale, "工作人员登录", "Staff sign-in"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "name");
});

everyWay("customer sign-in", "/portal/sign-in", async (page, { locale }) => {
  assert.equal(await page.textContent("h1"), say(locale, "网上营业厅", "Customer portal"));
});

everyWay("a page that is not there", "/nowhere", async (page, { locale }) => {
  assert.equal(await page.textContent("h1"), say(locale, "没有这个页面", "There is no such page"));
  assert.match(await page.textContent(".reference code"), /^[0-9a-f]{16}$/);
});

journey("a wrong password keeps the name and says what to do", async (page) => {
  await page.goto("/sign-in");
  await page.fill("#name", "nobody");
  await page.fill("#password", "not the password");
  await page.click("main button[type=submit]");
  await page.waitForSelector(".alert-bad");
  assert.equal(await page.inputValue("#name"), "nobody");
  assert.equal(await page.inputValue("#password"), "");
  await inspect(page);
});

journey("an empty form names every field that is missing", async (page) => {
  await page.goto("/portal/sign-in");
  await page.click("main button[type=submit]");
  await page.waitForSelector(".alert-bad");
  assert.equal(await page.locator("[aria-invalid=true]").count(), 2);
  await inspect(page);
});

journey("a console page leads to the sign-in page and back", async (page) => {
  await page.goto("/console?from=here");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  assert.equal(await page.inputValue("input[name=next]"), "/console?from=here");
});

journey("the first stop of the keyboard leads to the content", async (page) => {
  await page.goto("/nowhere");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});

withoutScript("language and theme are chosen and kept", async (page) => {
  await page.goto("/sign-in");
  await page.click("button[name=language]");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.click("button[name=theme][value=dark]");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  await page.goto("/portal/sign-in");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
});

withoutScript("a wrong password is answered", async (page) => {
  await page.goto("/sign-in");
  await page.fill("#name", "nobody");
  await page.fill("#password", "not the password");
  await page.click("main button[type=submit]");
  assert.equal(await page.locator(".alert-bad").count(), 1);
});
