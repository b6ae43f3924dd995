// The administrator: staff come, get rights, are shut out and let in again; and a tariff document
// is refused with the place that is wrong, then published.

import assert from "node:assert/strict";
import { inspect, journey, open, signIn, staff } from "../harness.mjs";

const as = () => staff("admin");
const PASSWORD = "a long enough pass phrase";

/** What the person sees who signs in, in a browser of their own. */
async function elsewhere(name, password, look) {
  const { context, page } = await open();
  try {
    await page.goto("/sign-in");
    await page.fill("#name", name);
    await page.fill("#password", password);
    await page.click("main button[type=submit]");
    await look(page);
  } finally {
    await context.close();
  }
}

async function create(page) {
  await page.goto("/console/users");
  await inspect(page);
  const form = page.locator("form[action='/console/users']");
  await form.locator("#name").fill("新来的 <b>核算员</b>");
  await form.locator("#login").fill("newcomer");
  await form.locator("#password").fill("short");
  await form.locator("button[type=submit]").click();
  await page.waitForSelector("#password[aria-invalid=true]");
  assert.equal(await page.inputValue("#login"), "newcomer", "what was typed is kept");
  await page.fill("#password", PASSWORD);
  await page.locator("form[action='/console/users'] button[type=submit]").click();
  await page.waitForURL(/\/console\/users\/\d+$/);
  assert.match(await page.textContent("main"), /新来的 <b>核算员<\/b>/, "a name is text, never markup");
  await inspect(page);
}

journey("an administrator takes somebody on, gives a role, shuts out and lets in again", async (page) => {
  await create(page);
  await page.selectOption("#role", { label: "核算员" });
  await page.locator("form[action$='/grant'] button[type=submit]").click();
  await page.waitForSelector(".alert-ok");
  assert.ok((await page.locator("form[action$='/revoke']").count()) > 0, "the role stands in the list");
  await elsewhere("newcomer", PASSWORD, async (theirs) => {
    await theirs.waitForURL((url) => url.pathname === "/console/password");
    assert.equal(await theirs.locator("h1").count(), 1, "a password that somebody else chose is changed first");
  });
  await page.locator("form[action$='/disable'] button").click();
  await page.waitForSelector(".alert-ok");
  await elsewhere("newcomer", PASSWORD, async (theirs) => {
    await theirs.waitForSelector(".alert-bad");
  });
  await page.locator("form[action$='/enable'] button").click();
  await page.waitForSelector("form[action$='/disable']");
  await page.goto("/console/audit?who=admin");
  assert.ok((await page.locator("main table tbody tr").count()) >= 4, "each deed is in the audit");
  await inspect(page);
}, { as });

const DOCUMENT = `
[tariff]
id = "example/journey"
name = { zh = "单一电价（示例）", en = "one price (an example)" }
region = "example"
class = "industrial_commercial"
decree = "none: an example price"
source = "made for a journey; nobody is billed by it"
confidence = "K"
valid_from = "2000-01-01"

[energy]
[[energy.set]]
prices = { flat = "0.70" }

[[windows]]
rest = "flat"
`;

journey("a tariff is refused where it is wrong, then published and seen", async (page) => {
  await page.goto("/console/tariffs/publish");
  await inspect(page);
  await page.fill("#name", "journey.toml");
  await page.fill("#document", DOCUMENT.replace("[[windows]]\nrest = \"flat\"", "[[windows]]\nflat = [\"00:00-23:00\"]"));
  await page.click("main form[action$='/publish'] button[type=submit]");
  await page.waitForSelector(".alert-bad");
  assert.match(await page.textContent(".alert-bad"), /23/, "the hole of an hour is named");
  assert.match(await page.inputValue("#document"), /00:00-23:00/, "the document is kept for mending");
  await inspect(page);
  await page.fill("#document", DOCUMENT);
  await page.click("main form[action$='/publish'] button[type=submit]");
  await page.waitForURL(/\/console\/tariffs\/\d+$/);
  assert.match(await page.textContent("main"), /单一电价（示例）/);
  await inspect(page);
}, { as });
