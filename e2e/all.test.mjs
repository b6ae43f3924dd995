// Every journey, in one process, so that they share one server and one browser.
// A part of them: node --test --test-name-pattern="sign-in"

import { readdirSync } from "node:fs";
import { begin } from "./harness.mjs";

for (const file of readdirSync(new URL("pages/", import.meta.url)).sort()) {
  if (file.endsWith(".mjs")) await import(new URL(`pages/${file}`, import.meta.url));
}
begin();
