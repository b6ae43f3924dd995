// Every page that links reach, in both sizes and languages, under all rules: axe, width, one
// language, nothing from elsewhere. New pages are found by themselves.

import assert from "node:assert/strict";
import { pages } from "../crawl.mjs";
import { CONTRAST, LOCALES, SIZES, check, customer, inspect, open, shot, staff } from "../harness.mjs";
import { strayWords } from "../words.mjs";

/** Walks the pages of one side in one size and language; every fault is told, not the first. */
async function walk(found, options) {
  const { context, page, wrong } = await open(options);
  const faults = [];
  for (const [kind, address] of found) {
    const answer = await page.goto(address);
    try {
      assert.equal(answer.status(), 200);
      assert.equal(await page.getAttribute("html", "lang"), options.locale);
      await inspect(page, "", options.dark ? CONTRAST : undefined);
      assert.deepEqual(await strayWords(page, options.locale), [], "words of the other language");
    } catch (error) {
      faults.push(`${kind} ${address}: ${error.message}`);
    }
    await shot(page, `${kind}.${options.size}.${options.locale}${options.dark ? ".dark" : ""}`);
  }
  await context.close();
  assert.deepEqual([...faults, ...wrong], []);
}

const sides = { console: ["/console", () => staff("admin"), 20], portal: ["/portal", customer, 7] };

for (const [side, [start, as, least]] of Object.entries(sides)) {
  let found;
  check(`every page of the ${side} is found`, 180, async () => {
    found = await pages(await as(), start);
    assert.ok(found.size >= least, `${found.size} pages: ${[...found.keys()]}`);
  });
  for (const size of Object.keys(SIZES)) {
    for (const locale of Object.keys(LOCALES)) {
      check(`every page of the ${side} (${size}, ${locale})`, 300, async () => {
        await walk(found, { session: await as(), size, locale });
      });
    }
  }
  check(`every page of the ${side} in the dark`, 300, async () => {
    await walk(found, { session: await as(), size: "wide", locale: "zh-CN", dark: true });
  });
}
