// The agent: finding a customer by whatever the caller says, and explaining the bill.

import assert from "node:assert/strict";
import { inspect, journey, phoneOf, rows, someAccount, staff } from "../harness.mjs";

const as = () => staff("agent");

/** The first letters of a name's pinyin, by the order of Chinese collation. */
function initials(name) {
  const letters = "abcdefghjklmnopqrstwxyz";
  const firsts = "阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨他屲夕丫帀";
  const collator = new Intl.Collator("zh-CN-u-co-pinyin");
  const first = (c) => [...firsts].findLastIndex((start) => collator.compare(start, c) <= 0);
  return [...name].map((c) => letters[first(c)]).join("");
}

/** What there is to search a customer by. */
async function known(page) {
  const account = await someAccount(page);
  await page.goto(account.href);
  const told = await page.textContent("main");
  const meter = told.match(/(?<!\d)33[1-9]\d{9}(?!\d)/)?.[0];
  const phone = await phoneOf(page, account.href);
  const name = (await page.textContent("main")).match(/姓名\s*([\u4e00-\u9fff]{2,4}?)\s*手机/)?.[1];
  assert.ok(meter && name, `a meter and a name stand on the page: ${told}`);
  return { ...account, meter, phone, name };
}

journey("an agent finds a customer by number, name, phone, meter and initials", async (page) => {
  const it = await known(page);
  const questions = { 户号: it.no, 姓名: it.name, 手机: it.phone.replace("+86", ""), 末四位: it.phone.slice(-4), 表号: it.meter };
  for (const [what, question] of Object.entries(questions)) {
    await page.goto("/console");
    await page.fill("input[type=search]", question);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/console\/customers/);
    const found = page.locator(`main a[href='${it.href}']`);
    const there = (await found.count()) > 0 || new URL(page.url()).pathname === it.href;
    assert.ok(there, `${what} ${question} leads to the customer`);
  }
  // Whoever is found by the initials of their pinyin is listed with a masked name.
  await page.goto(`/console/customers?q=${initials(it.name)}`);
  await inspect(page);
  const list = page.locator("main table tbody tr");
  assert.ok((await list.count()) > 0 || page.url().endsWith(it.href), `${initials(it.name)} finds ${it.name}`);
  assert.ok(!(await page.textContent("main")).includes(it.name), "names are masked in a list");
}, { as });

journey("an agent explains why a bill is higher", async (page) => {
  const { href } = await someAccount(page);
  await page.goto(href);
  await inspect(page);
  const bill = page.locator("#bills a[href^='/console/bills/']").first();
  const bills = new URL(await bill.getAttribute("href"), page.url()).pathname.replace(/\/compare$/, "");
  await page.goto(bills);
  await inspect(page);
  const line = page.locator(".bill-lines details").first();
  await line.locator("summary").click();
  const arithmetic = await line.textContent();
  assert.match(arithmetic, /×/, "quantity times price stands there");
  // The arithmetic on the page is right: amounts of the lines add up to the total.
  const amounts = await page.locator(".bill-lines .line-amount").allTextContents();
  const fen = (text) => Math.round(Number(text.replace(/[^\d.−-]/g, "").replace("−", "-")) * 100);
  const total = fen(await page.locator(".bill-lines tfoot .number").textContent());
  assert.equal(amounts.reduce((sum, text) => sum + fen(text), 0), total);
  // The readings behind a line, and those of a single day.
  await page.locator("#days a[href*='/readings?from=']").first().click();
  await page.waitForURL(/\/readings\?from=/);
  await inspect(page);
  assert.match(await page.textContent("main"), /自动采集|曲线/, "where the reading came from");
  await page.goto(`${bills}/compare?with=previous`);
  await inspect(page);
  const causes = await page.locator("main table").first().textContent();
  assert.match(causes, /日均用电量|用电量|天数/, "the difference is split into causes");
}, { as });

journey("the effects in a comparison add up to the difference", async (page) => {
  const { href } = await someAccount(page);
  await page.goto(href);
  const compare = page.locator("#bills a[href*='/compare']").first();
  await compare.click();
  await page.waitForURL(/compare/);
  const amounts = await page.locator("main table").first().locator("tbody tr").evaluateAll((all) =>
    all.map((row) => ({ total: row.classList.contains("total"), text: row.lastElementChild.textContent })),
  );
  const fen = (text) => Math.round(Number(text.replace(/[^\d.−-]/g, "").replace("−", "-")) * 100);
  const parts = amounts.filter((row) => !row.total).map((row) => fen(row.text)).filter(Number.isFinite);
  const sum = amounts.find((row) => row.total);
  assert.ok(sum, "there is a sum");
  assert.equal(parts.reduce((a, b) => a + b, 0), fen(sum.text));
}, { as });

journey("what is exported is what is shown, and no cell is a formula", async (page) => {
  const session = page.context().request;
  const { href } = await someAccount(page);
  await page.goto(href);
  const bill = await page.locator("#bills a[href^='/console/bills/']").first().getAttribute("href");
  const here = new URL(bill, page.url()).pathname.replace(/\/compare$/, "");
  const lines = rows(await (await session.get(`${here}/lines.csv`)).text());
  assert.ok(lines.length > 0);
  for (const line of lines) for (const cell of Object.values(line)) assert.ok(!/^[=@+]/.test(cell), cell);
}, { as: () => staff("billing") });
