// The two pictures of the READMEs, from a running demo:
//   LAMPLIGHT_URL=http://127.0.0.1:8080 node picture.mjs ../docs/images

import { join } from "node:path";
import { close, customer, open, someAccount, staff } from "./server.mjs";

const folder = process.argv[2];

/** The last bill of a household, with the arithmetic of its first line open. */
async function take(options, href, summary, file, height) {
  const { context, page } = await open(options);
  const address = await href(page);
  if (height) await page.setViewportSize({ width: 1366, height });
  await page.goto(address, { waitUntil: "networkidle" });
  await page.locator(summary).first().click();
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    document.activeElement.blur();
    scrollTo(0, 0);
  });
  await page.screenshot({ path: join(folder, file) });
  await context.close();
}

const ofConsole = async (page) => {
  await page.goto((await someAccount(page)).href);
  return page.locator("#bills a[href^='/console/bills/']").first().getAttribute("href");
};
const ofPortal = async (page) => {
  await page.goto("/portal/bills");
  return page.locator("main a[href^='/portal/bills/']").first().getAttribute("href");
};
await take({ session: await staff("billing"), locale: "en" }, ofConsole, ".bill-lines summary", "bill-en.png", 1080);
await take({ session: await customer(), size: "phone" }, ofPortal, ".own-line summary", "bill-zh.png");
await close();
