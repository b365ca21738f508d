// Uses a page of `kzsim explore` in a real browser as people do, and holds what it counts beside what the command
// that it shows counts. Then it looks at the page at three widths, in light and in dark, and with an accessibility
// checker.
//
//     node check.mjs --browser CHROMIUM --program KZSIM --root REPOSITORY [--pictures FOLDER] [--any yes] PAGE
//
// The page is of scenarios/base.toml and scenarios/kazakhstan/what_if/no_troops.toml, with evidence, and made in the repository.
// With --any it may be of any scenario with evidence, and what needs these two is left out.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const options = { browser: "/usr/bin/chromium", program: "kzsim", root: ".", pictures: null, any: null };
let file = null;
for (let i = 2; i < process.argv.length; i++) {
  const name = process.argv[i].replace(/^--/, "");
  if (name !== process.argv[i] && name in options) options[name] = process.argv[++i];
  else file = process.argv[i];
}
if (!file) {
  console.error("no page is named");
  process.exit(2);
}
const address = pathToFileURL(resolve(file)).href;
const work = mkdtempSync(join(tmpdir(), "kzsim-explore-"));
let bad = 0;
const check = (good, words) => {
  console.log(`${good ? "good" : "FAULT"}: ${words}`);
  if (!good) bad += 1;
};

const browser = await puppeteer.launch({
  executablePath: options.browser,
  headless: true,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
});

async function open(hash = "", { width = 1400, scheme = "light" } = {}) {
  const page = await browser.newPage();
  page.on("console", (message) => check(false, `the console says: ${message.text()}`));
  page.on("pageerror", (error) => check(false, `an error in the page: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith("file:") && !url.startsWith("blob:") && !url.startsWith("data:")) check(false, `asks for ${url.slice(0, 100)}`);
  });
  await page.setViewport({ width, height: 900, isMobile: width < 500 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(address + hash, { waitUntil: "load" });
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes", { timeout: 120_000 });
  return page;
}

// Waits until all rounds are played and shown.
async function played(page) {
  const rounds = await page.evaluate(() => String(DATA.rounds));
  await page.waitForFunction((n) => run.prefix === Number(n) && document.documentElement.dataset.rounds === n && !asked,
    { timeout: 300_000 }, rounds);
}

const shown = (page) => page.evaluate(() => ({
  command: document.getElementById("command").textContent,
  counts: Object.fromEntries([...document.querySelectorAll("#outcomes li")].map((li) => [li.dataset.outcome, li.dataset.count])),
  shares: Object.fromEntries([...document.querySelectorAll("#outcomes li")].map((li) => [li.dataset.outcome, li.dataset.share])),
  words: document.getElementById("outcomes").textContent,
}));

// A file of a result, by outcome.
function table(folder, name) {
  const [head, ...rows] = readFileSync(join(folder, name), "utf8").trim().split("\n").map((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g).map((cell) => cell.replace(/,$/, "")));
  return rows.map((row) => Object.fromEntries(head.map((h, i) => [h, row[i]])));
}

let folders = 0;
function runs(command) {
  const folder = join(work, `run_${++folders}`);
  const line = command.replace(/^kzsim/, `"${resolve(options.program)}"`).replace(/ --out \S+/, "");
  execFileSync("sh", ["-c", `${line} --out "${folder}" --quiet`], { cwd: options.root, stdio: ["ignore", "inherit", "inherit"] });
  return folder;
}

function sameCounts(found, folder, what) {
  const rows = table(folder, "outcomes.csv");
  const wrong = rows.filter((r) => String(found.counts[r.outcome]) !== r.count);
  check(wrong.length === 0, `${what}: ${rows.map((r) => `${r.outcome} ${r.count}`).join(", ")}${wrong.map((r) => ` (${r.outcome}: the page has ${found.counts[r.outcome]})`).join("")}`);
}

// Fixes a guess at the place of its slider that a share of its range is, as a hand does.
const slide = (page, path, part) => page.evaluate((path, part) => {
  document.getElementById("search").value = path;
  document.getElementById("search").dispatchEvent(new Event("input"));
  const guess = chosen().guesses.find((g) => g.path === path);
  const input = [...document.querySelectorAll(".guess")].find((row) => row.dataset.path === path).querySelector("input");
  input.value = guess.low + part * (guess.high - guess.low);
  input.dispatchEvent(new Event("input"));
}, path, part);
const click = (page, selector) => page.evaluate((s) => document.querySelector(s).click(), selector);
const choose = (page, selector, value) => page.select(selector, value);
const off = (page, path) => click(page, `#actions [data-path="${path}"] input`);
const path = (page, i) => page.evaluate((i) => chosen().guesses[i].path, i);

// What is saved as a whole has the counts of the page in an empty folder, and a name and a title of its own.
const names = new Set();
async function savedAlone(page, found, what) {
  const saved = await page.evaluate(() => {
    const out = [];
    const own = save;
    save = (name, text) => out.push({ name, text });
    document.getElementById("save").click();
    document.getElementById("save").click();
    save = own;
    return { files: out, words: document.getElementById("saved").textContent, changed: state.settings.size, title: chosen().title };
  });
  const [file, again] = saved.files;
  const folder = mkdtempSync(join(work, "alone_"));
  writeFileSync(join(folder, file.name), file.text);
  execFileSync(resolve(options.program), ["run", file.name, "--out", "result", "--quiet"], { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  sameCounts(found, join(folder, "result"), `${what}, saved as ${file.name} and run in an empty folder`);
  check(again.name !== file.name && saved.words.includes(again.name), `a second file has a name of its own: ${again.name}`);
  const title = JSON.parse(file.text.match(/^title = (".*")$/m)[1]);
  const fits = saved.changed ? title.startsWith(`What if: ${saved.title.replace(/^What if: /, "")}: `) : title === saved.title;
  check(fits && !names.has(file.name), `the title “${title}” and the name ${file.name} tell what is changed`);
  names.add(file.name);
}

// The ranges across guesses are those of a run of the same rounds.
async function across(page, found, what) {
  const rows = table(runs(found.command), "outcomes.csv");
  const shown = await page.evaluate(() => Object.fromEntries(chosen().outcomes.map((o) => [o.id, o.across])));
  const same = rows.every((r) => shown[r.outcome] && [r.guesses_low, r.guesses_high].every((x, i) => Number(x) === shown[r.outcome][i]));
  const told = await page.evaluate(() => document.getElementById("outcomes").textContent.match(/across guesses/g)?.length ?? 0);
  check(same && told === rows.length, `${what}: ranges across guesses are those of a run: ${rows.map((r) => `${r.outcome} ${r.guesses_low} to ${r.guesses_high}`).join(", ")}`);
}

const settings = [
  ["the base as it is", async () => {}],
  ["the first guess low", async (page) => slide(page, await path(page, 0), 0.05)],
  ["the second guess high", async (page) => slide(page, await path(page, 1), 0.95)],
  ["two guesses at once", async (page) => { await slide(page, await path(page, 2), 0.9); await slide(page, await path(page, 3), 0.1); }],
  ["a guess that is found by search", async (page) => slide(page, await path(page, 20), 0.5)],
  ["an action off", async (page) => off(page, "actions.seize_council.limit")],
  ["the other form of choice", async (page) => choose(page, "#forms select", await page.evaluate(() => chosen().forms[0].values[1]))],
  ["the second scenario", async (page) => choose(page, "#scenario", "1")],
  ["the second scenario with a guess and a form", async (page) => {
    await choose(page, "#scenario", "1");
    await slide(page, await path(page, 0), 0.8);
    await choose(page, "#forms div:last-child select", await page.evaluate(() => chosen().forms[1].values[1]));
  }],
  ["every action off", async (page) => page.evaluate(() => {
    for (const box of document.querySelectorAll("#actions input")) box.click();
  })],
];

try {
  for (const [what, change] of options.any ? settings.slice(0, 3) : settings) {
    const page = await open();
    await change(page);
    await played(page);
    const found = await shown(page);
    sameCounts(found, runs(found.command), what);
    await savedAlone(page, found, what);
    if (what === "the base as it is") await across(page, found, "as it is");
    if (what === "two guesses at once") {
      // The address brings it back, and the file that is saved says the same.
      const hash = new URL(page.url()).hash;
      const again = await open(hash);
      await played(again);
      const back = await shown(again);
      check(JSON.stringify(back) === JSON.stringify(found), `the address ${hash} brings it back`);
      await again.close();
      const beside = join(options.root, "scenarios", "explore_check_what_if.toml");
      writeFileSync(beside, await page.evaluate(() => changesAlone()));
      try {
        const rest = found.command.match(/ --rounds .*/)[0].replace(/ --out \S+/, "");
        execFileSync(resolve(options.program), ["check", beside], { stdio: "ignore" });
        sameCounts(found, runs(`kzsim run scenarios/explore_check_what_if.toml${rest}`), "the changes alone, beside the file");
      } finally {
        rmSync(beside);
      }
      // Undone, it is the base.
      await click(page, "#reset");
      await played(page);
      check(await page.evaluate(() => isBase() && document.getElementById("outcomes").querySelectorAll(".moved").length === 0), "all changes are undone");
    }
    await page.close();
  }

  // Reports, all and some.
  for (const some of [false, true]) {
    const page = await open();
    await page.evaluate((some) => {
      const boxes = [...document.querySelectorAll("#reports input")];
      for (const box of some ? boxes.slice(0, 1) : boxes) box.click();
    }, some);
    await played(page);
    const found = await shown(page);
    const [name, text] = await page.evaluate(() => [tickedName(), ticked()]);
    writeFileSync(join(options.root, some ? name : "explore_check_ticked.toml"), text);
    try {
      const folder = runs(found.command);
      const rows = table(folder, "given_outcomes.csv");
      // The base is marked without the reports, and differences from it are told.
      const marks = await page.evaluate(() => [...document.querySelectorAll("#outcomes li")].map((li) => ({
        outcome: li.dataset.outcome, ghost: li.querySelector(".ghost").hidden ? null : parseFloat(li.querySelector(".ghost").style.left) / 100,
        share: li.dataset.share, difference: li.dataset.difference.split(" ").map(Number), words: li.textContent,
      })));
      const plain = new Map(table(folder, "outcomes.csv").map((r) => [r.outcome, Number(r.probability)]));
      check(marks.every((m) => Math.abs(m.ghost - plain.get(m.outcome)) < 1e-4), "the base is marked as it is without the reports");
      const apart = marks.filter((m) => m.share !== "");
      check(apart.every((m) => {
        const [value, low, high] = m.difference;
        return Math.abs(value - (Number(m.share) - plain.get(m.outcome))) < 1e-9 && low <= value && value <= high && m.words.includes("without reports");
      }), `differences that reports make: ${apart.map((m) => `${m.outcome} ${m.difference.map((x) => x.toFixed(4)).join(" ")}`).join(", ")}`);
      check(await page.evaluate(() => document.getElementById("changes").textContent.includes("ticked report")), "ticked reports are named as such");
      // What a report says of itself, and whether it is probably wrong.
      const doubts = await page.evaluate(() => ({ few: !document.getElementById("few").hidden, all: wrong(run.prefix).map((w) => w.wrong), words: document.getElementById("doubts").textContent }));
      const expected = table(folder, "given_evidence.csv").map((r) => Number(r.probability_wrong));
      check(doubts.few || doubts.all.every((x) => expected.some((e) => Math.abs(e - x) < 1e-9)), `reports are wrong as a run says: ${doubts.all.map((x) => x.toFixed(3)).join(" ")}; ${doubts.words || "no doubt"}`);
      const [histories, fitting] = await page.evaluate(() => [document.getElementById("end-note").textContent, ended(run.prefix).length]);
      check(histories.includes("every ticked report") && (fitting === 0 || histories.startsWith(fitting.toLocaleString("en-US"))), `histories heed the ticks: ${histories}`);
      if (!some) {
        // Saved reports weigh as the file that they are from, and keep its words.
        const again = table(runs(found.command.replace(/--given \S+/, "--given explore_check_ticked.toml")), "given_outcomes.csv");
        check(again.every((r, i) => r.probability === rows[i].probability), "all reports, saved, weigh as their file");
        const kept = await page.evaluate(() => ["says", "source"].map((key) => DATA.evidence.text.match(new RegExp(`^${key} *=`, "gm"))?.length ?? 0));
        const written = ["says", "source"].map((key) => text.match(new RegExp(`^${key} *=`, "gm"))?.length ?? 0);
        check(written.every((n, i) => n <= kept[i] && (kept[i] === 0 || n > 0)) && text.includes("title = "), `saved reports keep title, says and source: ${written} of ${kept}`);
      }
      const few = await page.evaluate(() => !document.getElementById("few").hidden);
      const same = rows.every((r) => few || Math.abs(Number(found.shares[r.outcome]) - Number(r.probability)) < 1e-9);
      check(same, `given ${some ? "one report" : "all reports"}: ${few ? "too few rounds fit, and the page says so" : rows.map((r) => `${r.outcome} ${r.probability}`).join(", ")}`);
      if (some && !options.any) check(!few, "one report leaves enough rounds");
    } finally {
      rmSync(join(options.root, some ? name : "explore_check_ticked.toml"));
    }
    await page.close();
  }

  // With the keyboard alone.
  if (!options.any) {
    const page = await open();
    await page.focus("#guesses input");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowRight");
    await played(page);
    const found = await shown(page);
    check(found.command.includes("--set"), `arrow keys move a guess: ${found.command}`);
    sameCounts(found, runs(found.command), "what the keyboard has set");
    await page.keyboard.press("Tab");
    const on = await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? "");
    check(on.startsWith("Undo: "), `Tab leads to “${on}”`);
    await page.keyboard.press("Enter");
    check(await page.evaluate(() => isBase()), "Enter frees it again");
    await page.waitForFunction(() => document.getElementById("summary").textContent.includes("Most often"), { timeout: 10_000 });
    console.log(`  heard: ${await page.evaluate(() => document.getElementById("summary").textContent)}`);
    // A history is that of `kzsim trace`.
    await click(page, "#tell");
    await page.waitForFunction(() => document.querySelector("#history pre"), { timeout: 60_000 });
    const [text, command] = await page.evaluate(() => [document.querySelector("#history pre").textContent, document.querySelector("#history code").textContent]);
    const line = command.replace(/^kzsim/, `"${resolve(options.program)}"`);
    const told = execFileSync("sh", ["-c", line], { cwd: options.root, encoding: "utf8", env: { ...process.env, COLUMNS: "65535" } });
    check(told.trim() === text.trim(), `a history is that of ${command}`);
    await page.close();
  }

  for (const width of options.any ? [390] : [390, 820, 1400]) {
    for (const scheme of options.any ? ["light"] : ["light", "dark"]) {
      const page = await open("", { width, scheme });
      await slide(page, await path(page, 0), 0.1);
      await played(page);
      await click(page, "#tell");
      await page.waitForFunction(() => document.querySelector("#history pre"), { timeout: 60_000 });
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
      const faults = await page.evaluate(() => {
        const out = [];
        const root = document.documentElement;
        if (root.scrollWidth > root.clientWidth) out.push(`the page is ${root.scrollWidth} wide in a window of ${root.clientWidth}`);
        for (const e of document.querySelectorAll("body *:not(pre *)")) {
          const box = e.getBoundingClientRect();
          if (box.width && box.right > root.clientWidth + 1 && !e.closest(".hidden, .skip")) out.push(`reaches out: ${e.tagName} ${e.className}`);
        }
        const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number);
        out.push(...(((r + g + b < 384) === matchMedia("(prefers-color-scheme: dark)").matches) ? [] : ["the page has the other theme"]));
        return out;
      });
      check(faults.length === 0, `${width} ${scheme}: ${faults.slice(0, 5).join("; ") || "nothing is cut off"}`);
      await page.evaluate(axe);
      const found = await page.evaluate(() => window.axe.run(document, {
        resultTypes: ["violations"],
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }));
      for (const violation of found.violations) {
        const where = violation.nodes.slice(0, 3).map((n) => `${n.target} ${n.failureSummary ?? ""}`);
        check(false, `${width} ${scheme}: ${violation.id}: ${violation.help}: ${where.join("; ")}`);
      }
      if (options.pictures) {
        mkdirSync(options.pictures, { recursive: true });
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = false; }));
        await page.screenshot({ path: join(options.pictures, `explore_${width}_${scheme}.png`), fullPage: true });
      }
      await page.close();
    }
  }
} finally {
  await browser.close();
  rmSync(work, { recursive: true, force: true });
}
console.log(bad === 0 ? "all of it holds" : `${bad} faults`);
process.exit(bad === 0 ? 0 : 1);
