// Pictures of every page, in both sizes and languages, for people to look at:
//   LAMPLIGHT_URL=http://127.0.0.1:8080 npm run look -- FOLDER [words in the address …]
// Dark and printed forms are taken of a few.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages } from "./crawl.mjs";
import { LOCALES, SIZES, close, customer, open, staff } from "./server.mjs";

const [folder, ...wanted] = process.argv.slice(2);
if (!folder) {
  console.error("npm run look -- FOLDER [words in the address …]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const fits = ([kind]) => wanted.length === 0 || wanted.some((word) => kind.includes(word));
const name = (kind) => kind.replace(/^\//, "").replace(/[^\w]+/g, "-").replace(/-$/, "") || "root";

/** Takes one picture of each page that fits, in one context. */
async function take(found, options, suffix, before = () => {}) {
  const { context, page, wrong } = await open(options);
  for (const [kind, address] of found) {
    await page.goto(address, { waitUntil: "networkidle" });
    await before(page);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log(`${suffix} ${address}: ${over} px too wide`);
    await page.screenshot({ path: join(folder, `${name(kind)}.${suffix}.png`), fullPage: true });
  }
  wrong.forEach((what) => console.log(`${suffix}: ${what}`));
  await context.close();
}

const DOORS = new Map([["/sign-in", "/sign-in"], ["/portal/sign-in", "/portal/sign-in"], ["/nowhere", "/nowhere"]]);
const sides = [
  [undefined, DOORS],
  [await staff("admin"), await pages(await staff("admin"), "/console")],
  [await customer(), await pages(await customer(), "/portal")],
];
const index = [];
for (const [session, all] of sides) {
  const found = [...all].filter(fits);
  index.push(...found.map(([kind, address]) => `${kind}\t${address}`));
  for (const size of Object.keys(SIZES)) {
    for (const locale of Object.keys(LOCALES)) {
      await take(found, { session, size, locale }, `${size}.${locale}`);
    }
  }
  await take(found, { session, dark: true }, "wide.dark");
  await take(found, { session, size: "phone", locale: "en", script: false }, "phone.noscript");
  const bills = found.filter(([kind]) => /bills\/\{id\}$/.test(kind));
  await take(bills, { session }, "print", (page) => page.emulateMedia({ media: "print" }));
}
writeFileSync(join(folder, "index.txt"), `${index.join("\n")}\n`);
console.log(`${index.length} pages in ${folder}`);
await close();
