// Looks at reports in a real browser: at three widths, in light and in dark, on paper, and with an
// accessibility checker. Nothing may be asked of a network, nothing may overflow, nothing may be cut.
//
//     node check.mjs --browser CHROMIUM [--pictures FOLDER] REPORT.html...

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 820, 1400];
const SCHEMES = ["light", "dark"];
const MOST_PAGES = 6;

const reports = [];
let browserPath = "/usr/bin/chromium";
let pictures = null;
for (let i = 2; i < process.argv.length; i++) {
  if (process.argv[i] === "--browser") browserPath = process.argv[++i];
  else if (process.argv[i] === "--pictures") pictures = process.argv[++i];
  else reports.push(process.argv[i]);
}
if (reports.length === 0) {
  console.error("no report is named");
  process.exit(2);
}
if (pictures) mkdirSync(pictures, { recursive: true });

// What is wrong with the page as it is laid out; an empty list is good.
const faultsOfLayout = () => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) {
    faults.push(`the page is ${root.scrollWidth} wide in a window of ${root.clientWidth}`);
    for (const e of document.querySelectorAll("body *")) {
      const box = e.getBoundingClientRect();
      if (box.right > root.clientWidth + 1 && !e.closest("svg, .scroll")) {
        faults.push(`  reaches out: ${e.tagName} ${e.className} to ${Math.round(box.right)}`);
      }
    }
  }
  const shown = [...document.querySelectorAll("svg[role=img]")].filter((s) => s.getClientRects().length);
  if (shown.length === 0) faults.push("there is no picture");
  for (const svg of shown) {
    const name = svg.querySelector("title")?.textContent ?? "";
    if (!name) faults.push("a picture has no title");
    if (!svg.querySelector("desc")?.textContent) faults.push(`${name}: no description`);
    const frame = svg.getBoundingClientRect();
    if (frame.width < 100 || frame.height < 20) faults.push(`${name}: ${frame.width} by ${frame.height}`);
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.width === 0) continue;
      if (box.left < frame.left - 1 || box.right > frame.right + 1 ||
          box.top < frame.top - 1 || box.bottom > frame.bottom + 1) {
        faults.push(`${name}: “${text.textContent}” is cut off`);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) faults.push("two elements have one id");
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]));
  levels.forEach((level, i) => {
    if (i > 0 && level > levels[i - 1] + 1) faults.push(`a heading of level ${level} follows ${levels[i - 1]}`);
  });
  return faults;
};

const browser = await puppeteer.launch({
  executablePath: browserPath,
  headless: true,
  // There is nobody to be protected from the pages: they are our own.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
});
let bad = 0;
try {
  for (const report of reports) {
    const address = pathToFileURL(resolve(report)).href;
    for (const width of WIDTHS) {
      for (const scheme of SCHEMES) {
        const page = await browser.newPage();
        const faults = [];
        // As from a mail: no network, no script.
        await page.setJavaScriptEnabled(false);
        await page.setRequestInterception(true);
        page.on("request", (request) => {
          if (request.url() === address) return request.continue();
          faults.push(`asks for ${request.url().slice(0, 100)}`);
          return request.abort();
        });
        await page.setViewport({ width, height: 900, deviceScaleFactor: 1, isMobile: width < 500 });
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        await page.goto(address, { waitUntil: "load" });
        faults.push(...(await page.evaluate(faultsOfLayout)));
        const dark = await page.evaluate(() => {
          const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
          return r + g + b < 384;
        });
        if (dark !== (scheme === "dark")) faults.push(`the page is not ${scheme}`);
        if (pictures) {
          const file = join(pictures, `${basename(report, ".html")}_${width}_${scheme}.png`);
          await page.screenshot({ path: file, fullPage: true });
        }
        // All of it is to be heard too: the tables behind the pictures are opened.
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
        faults.push(...(await page.evaluate(faultsOfLayout)));
        await page.setJavaScriptEnabled(true);
        await page.evaluate(axe);
        const found = await page.evaluate(() =>
          window.axe.run(document, {
            resultTypes: ["violations"],
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
          }),
        );
        for (const violation of found.violations) {
          const where = violation.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary ?? ""}`);
          faults.push(`${violation.id}: ${violation.help}: ${where.join("; ")}`);
        }
        const passed = await page.evaluate(() => document.querySelectorAll("svg[role=img]").length);
        const said = faults.length ? `${faults.length} faults` : `good, ${passed} pictures`;
        console.log(`${report} ${width} ${scheme}: ${said}`);
        for (const fault of [...new Set(faults)].slice(0, 20)) console.log(`  ${fault}`);
        bad += faults.length;
        await page.close();
      }
    }
    const page = await browser.newPage();
    await page.goto(address, { waitUntil: "load" });
    const paper = await page.pdf({ format: "A4", printBackground: true });
    const pages = (Buffer.from(paper).toString("latin1").match(/\/Type\s*\/Page[^s]/g) ?? []).length;
    console.log(`${report} on paper: ${pages} pages`);
    if (pages === 0) bad += 1;
    // A result is a few pages; several side by side take more.
    const folders = await page.evaluate(() => 
      document.querySelectorAll("[aria-label='What was run'] tbody tr").length);
    if (folders <= 1 && pages > MOST_PAGES) {
      console.log(`  more than ${MOST_PAGES} pages`);
      bad += 1;
    }
    await page.close();
  }
} finally {
  await browser.close();
}
process.exit(bad === 0 ? 0 : 1);
