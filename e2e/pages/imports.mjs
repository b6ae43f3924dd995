// Files handed in: a list in GBK with a bad row, readings with a byte-order mark, looked through
// first and taken in when the person says so.

import assert from "node:assert/strict";
import { download, inspect, journey, rows, staff, until, withoutScript } from "../harness.mjs";

/** Text as GBK, which no browser writes: by the reverse of its decoder. */
function gbk(text) {
  const decoder = new TextDecoder("gbk");
  const codes = new Map();
  for (let high = 0x81; high <= 0xfe; high++) {
    for (let low = 0x40; low <= 0xfe; low++) {
      codes.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
    }
  }
  return Buffer.from([...text].flatMap((c) => (c.codePointAt(0) < 0x80 ? [c.codePointAt(0)] : codes.get(c))));
}

const HEADING = "户号,户名,用电地址,用电类别,供电电压,立户日期";
const row = (no, name, kind, door) => `${no},${name},明水县城关镇工农路新华公寓99号1幢1单元${door}室,${kind},220V,2026-07-01`;

async function hand(page, kind, policy, file) {
  await page.goto("/console/imports");
  await page.click("main a[href='/console/imports/new']");
  await page.selectOption("#kind", kind);
  await page.selectOption("#policy", policy);
  await page.setInputFiles("#file", { mimeType: "text/csv", ...file });
  await page.click("main button[type=submit]");
  await page.waitForURL(/\/imports\/files\/\d+$/);
}

journey("a list of customers in GBK is checked, then its good rows are taken in", async (page) => {
  const text = [HEADING, row("9900000001", "欧阳试", "居民", 101), row("9900000002", "司马验", "宫殿", 102)].join("\r\n");
  await hand(page, "customers", "keep_good", { name: "客户.csv", buffer: gbk(text) });
  await until(page, "form[action$='/approve']");
  await inspect(page);
  const told = await page.textContent("main");
  assert.match(told, /宫殿/, "the bad row is shown as it was written");
  const file = await download(page, () => page.click("a[href$='/refused.csv']"));
  assert.deepEqual(rows(file.text).map((bad) => [bad.line, bad.column]), [["3", "class"]]);
  await page.goto("/console/customers?q=9900000001");
  assert.equal(await page.locator("main a[href^='/console/customers/']").count(), 0, "checking changes nothing");
  await page.goBack();
  await page.click("form[action$='/approve'] button");
  await until(page, ".definitions .badge-ok");
  await inspect(page);
  await page.goto("/console/customers?q=9900000001");
  const there = /\/customers\/\d+$/.test(page.url()) || (await page.locator("main a[href^='/console/customers/']").count());
  assert.ok(there, "the good customer is there");
  await page.goto("/console/customers?q=9900000002");
  assert.equal(await page.locator("main a[href^='/console/customers/']").count(), 0, "the bad one is not");
}, { as: () => staff("agent") });

const READINGS = "\uFEFFusage_point,at,total\n3300000003,2026-08-01 12:00,999999999\n3300000999,2026-08-01 12:00,7\n3300000003,yesterday,7\n";

withoutScript("readings with bad rows are refused whole when that was asked", async (page) => {
  await hand(page, "readings", "refuse_whole", { name: "readings.csv", buffer: Buffer.from(READINGS) });
  await until(page, ".definitions .badge-bad");
  const told = await page.textContent("main");
  for (const part of ["3300000999", "yesterday", "999999999"]) assert.ok(told.includes(part), `${part} is told`);
  assert.equal(await page.locator("form[action$='/approve']").count(), 0, "nothing is left to take in");
  await page.goto("/console/imports");
  assert.match(await page.textContent("main"), /readings\.csv/, "the history keeps it");
}, { as: () => staff("billing") });

withoutScript("a good file of readings is taken in and leads to its import", async (page) => {
  await page.goto("/console/customers?q=3300000003");
  if (!/\/customers\/\d+$/.test(page.url())) await page.locator("main a[href^='/console/customers/']").first().click();
  await page.locator("main a[href*='/readings']").first().click();
  const last = await page.evaluate(() => {
    const row = [...document.querySelectorAll("main tbody tr")].find((tr) => /8月2日 00:00/.test(tr.cells[0].textContent));
    return [...row.cells].find((td) => /^总/.test(td.dataset.label ?? "")).textContent.trim().replace(/,/g, "");
  });
  assert.match(last, /^\d/, "the register at the start of the last day");
  const text = `\uFEFFusage_point,at,total\n3300000003,2026-08-02 06:00,${last}\n`;
  await hand(page, "readings", "keep_good", { name: "midday.csv", buffer: Buffer.from(text) });
  await until(page, "form[action$='/approve']");
  await page.click("form[action$='/approve'] button");
  await until(page, ".definitions .badge-ok");
  await page.click(".definitions a[href^='/console/imports/']");
  assert.match(await page.textContent("main"), /midday\.csv/);
}, { as: () => staff("billing") });

journey("a file without a name or above the limit is answered beside its field", async (page) => {
  await page.goto("/console/imports/new");
  await page.click("main button[type=submit]");
  await page.waitForSelector("#file-error");
  await inspect(page);
}, { as: () => staff("billing") });
