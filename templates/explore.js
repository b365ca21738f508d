"use strict";
// The page: what is changed in a scenario (state), the rounds played with it (run), and how both are shown.

const DATA = JSON.parse(document.getElementById("data").textContent);
const BATCH = 256; // rounds of one question: a whole number of batches of the engine
const [READ, TOLD] = [0, 1]; // slots of the engine: what is played, what is told
const $ = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString("en-US");

// ---------------------------------------------------------------- what is changed
const state = { scenario: 0, settings: new Map(), given: new Set(), end: "", told: 0 };
const chosen = () => DATA.scenarios[state.scenario];
const isBase = () => state.scenario === 0 && state.settings.size === 0;
const settings = () => {
  const all = new Map(chosen().texts.settings.map(parts));
  for (const [path, value] of state.settings) all.set(path, value);
  return all;
};

function parts(setting) {
  const at = setting.indexOf("=");
  return [setting.slice(0, at).trim(), setting.slice(at + 1).trim()];
}

function address() {
  const all = new URLSearchParams();
  if (state.scenario > 0) all.append("in", chosen().texts.name);
  for (const [path, value] of state.settings) all.append("set", `${path}=${value}`);
  if (state.given.size) all.append("given", [...state.given].sort((a, b) => a - b).join("."));
  if (state.end) all.append("end", state.end);
  return "#" + all.toString();
}

// The state that an address holds. What this page does not know is left out.
function restore() {
  const all = new URLSearchParams(location.hash.slice(1));
  const scenario = DATA.scenarios.findIndex((s) => s.texts.name === all.get("in"));
  state.scenario = Math.max(scenario, 0);
  state.settings = new Map(all.getAll("set").filter((s) => s.includes("=")).map(parts));
  const reports = DATA.evidence ? DATA.evidence.reports.length : 0;
  const given = (all.get("given") ?? "").split(".").filter(Boolean).map(Number);
  state.given = new Set(given.filter((i) => i < reports));
  state.end = all.get("end") ?? "";
  state.told = 0;
}

function remember() {
  // Where a page has no address of its own, as in some mail programs, it cannot be remembered.
  try { history.replaceState(null, "", address()); } catch { /* as above */ }
}

function set(path, value) {
  if (value === null) state.settings.delete(path);
  else state.settings.set(path, value);
  changed();
}

// ---------------------------------------------------------------- rounds
let ask = null; // the engine of the page itself, for statistics
let workers = [];
let run = null;

class Run {
  constructor(rounds) {
    this.rounds = rounds;
    this.outcomes = new Uint16Array(rounds);
    this.kinds = new Uint32Array(rounds);
    this.patterns = [];
    this.places = new Map();
    this.next = 0;
    this.prefix = 0;
    this.done = new Set();
    this.wrong = "";
  }

  // Takes the rounds from `from` on.
  take(from, found) {
    const kinds = found.patterns.map((pattern) => {
      if (!this.places.has(pattern)) this.places.set(pattern, this.patterns.push(pattern) - 1);
      return this.places.get(pattern);
    });
    this.outcomes.set(found.outcomes, from);
    found.kinds.forEach((kind, i) => { this.kinds[from + i] = kinds[kind]; });
    this.done.add(from);
    while (this.done.delete(this.prefix)) this.prefix = Math.min(this.prefix + BATCH, this.rounds);
  }
}

function whole(endings) {
  const out = new Run(endings.outcomes.length);
  out.take(0, endings);
  out.prefix = out.next = out.rounds;
  return out;
}

// What `kzsim` itself has played of each scenario as it is.
const known = DATA.scenarios.map((s) => whole(s.endings));

class Pool {
  constructor(module, count) {
    const source = new Blob([$("worker").textContent], { type: "text/javascript" });
    const url = URL.createObjectURL(source);
    this.waiting = new Map();
    this.id = 0;
    this.workers = Array.from({ length: count }, () => {
      const worker = new Worker(url);
      worker.onmessage = ({ data }) => {
        const take = this.waiting.get(data.id);
        this.waiting.delete(data.id);
        take(data.answer);
      };
      worker.postMessage({ module });
      return worker;
    });
  }

  ask(worker, question) {
    return new Promise((take) => {
      this.waiting.set(++this.id, take);
      worker.postMessage({ id: this.id, question });
    });
  }
}
let pool = null;

const question = (slot, scenario, all) => ({
  Read: {
    slot,
    name: scenario.texts.name,
    files: scenario.texts.files,
    settings: [...all].map(([path, value]) => `${path}=${value}`),
    evidence: DATA.evidence ? [DATA.evidence.name, DATA.evidence.text] : null,
  },
});

async function work(worker, mine, read) {
  const answer = await pool.ask(worker, read);
  if (answer.wrong) {
    mine.wrong = answer.wrong;
    return show();
  }
  while (mine === run && mine.next < mine.rounds) {
    const from = mine.next;
    mine.next = Math.min(from + BATCH, mine.rounds);
    const Play = { slot: READ, seed: DATA.seed, from, until: mine.next };
    const found = await pool.ask(worker, { Play });
    if (mine !== run) return;
    if (found.wrong) { mine.wrong = found.wrong; return show(); }
    mine.take(from, found);
    show();
  }
}

function play() {
  if (state.settings.size === 0) {
    run = known[state.scenario];
  } else {
    run = new Run(DATA.rounds);
    if (pool) {
      const read = question(READ, chosen(), settings());
      for (const worker of pool.workers) work(worker, run, read);
    }
  }
  show();
}

// Starts the engine, and holds its first rounds beside those that `kzsim` has played.
async function start() {
  const packed = Uint8Array.from(atob($("engine").textContent.trim()), (c) => c.charCodeAt(0));
  const bytes = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const module = await WebAssembly.compile(await new Response(bytes).arrayBuffer());
  ask = asker((await WebAssembly.instantiate(module, {})).exports);
  pool = new Pool(module, Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)));
  const base = DATA.scenarios[0];
  const read = question(READ, base, new Map(base.texts.settings.map(parts)));
  const problem = ask(read).wrong;
  if (problem) throw new Error(problem);
  play();
  const until = Math.min(BATCH, DATA.rounds);
  const Play = { slot: READ, seed: DATA.seed, from: 0, until };
  const found = await pool.ask(pool.workers[0], read).then(() => pool.ask(pool.workers[0], { Play }));
  const same = found.outcomes.every((o, i) => o === base.endings.outcomes[i]);
  if (!same) throw new Error("the engine of this page does not play the rounds of kzsim: make the page again");
  $("engine-state").textContent = `The engine in this page has played the first ${count(until)} rounds of the base as kzsim did.`;
  document.documentElement.dataset.ready = "yes";
  // What began before is played now.
  if (state.settings.size) play();
}

// ---------------------------------------------------------------- what it comes to
function counts(run, n) {
  const out = [];
  for (let i = 0; i < n; i++) out[run.outcomes[i]] = (out[run.outcomes[i]] ?? 0) + 1;
  return out;
}

// Estimates by id of outcome.
function shares(scenario, run, n) {
  const found = counts(run, n);
  const ids = scenario.outcomes.map((o) => o.id);
  const all = ask({ Shares: { rounds: n, counts: ids.map((_, i) => found[i] ?? 0) } });
  return new Map(ids.map((id, i) => [id, { ...all[i], count: found[i] ?? 0 }]));
}

function given(scenario, run, n) {
  const cells = new Map();
  for (let i = 0; i < n; i++) {
    const key = run.outcomes[i] * 2 ** 32 + run.kinds[i];
    cells.set(key, (cells.get(key) ?? 0) + 1);
  }
  const rounds = [...cells].map(([key, n]) => [Math.floor(key / 2 ** 32), run.patterns[key % 2 ** 32], n]);
  const Given = { slot: READ, outcomes: scenario.outcomes.length, reports: [...state.given], rounds };
  const found = ask({ Given });
  return { ...found, shares: new Map(scenario.outcomes.map((o, i) => [o.id, found.shares[i]])) };
}

function differences(rows, n) {
  const base = DATA.scenarios[0].outcomes.map((o) => o.id);
  const own = chosen().outcomes.map((o) => o.id);
  const pairs = rows.map(({ id }) => {
    const [a, b] = [base.indexOf(id), own.indexOf(id)];
    const pair = { rounds: n, both: 0, only_a: 0, only_b: 0 };
    for (let i = 0; i < n; i++) {
      const [x, y] = [known[0].outcomes[i] === a, run.outcomes[i] === b];
      if (x && y) pair.both++;
      else if (x) pair.only_a++;
      else if (y) pair.only_b++;
    }
    return pair;
  });
  return ask({ Differences: pairs });
}

// ---------------------------------------------------------------- what reports do
const tickedReports = () => (DATA.evidence?.reports ?? []).filter((_, i) => state.given.has(i));
const masks = new Map((DATA.evidence?.reports ?? []).map((r) => [r, BigInt(r.mask)]));
// Whether a report is true of rounds with a pattern of observations.
const holds = (report, pattern) => (BigInt(pattern) & masks.get(report)) === masks.get(report);
// By pattern of a run, what the ticked reports make of the weight of its rounds.
const weights = (run) => run.patterns.map((pattern) => tickedReports()
  .reduce((weight, r) => weight * (holds(r, pattern) ? r.reliability : 1 - r.reliability), 1));

// Shares given the ticked reports less those of the base without any, in the same rounds. A weighted share is a ratio of
// two means, and the interval is that of its linear part (the delta method), paired round by round.
function byReports(rows, n) {
  const base = DATA.scenarios[0].outcomes.map((o) => o.id);
  const own = chosen().outcomes.map((o) => o.id);
  const weight = weights(run);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weight[run.kinds[i]];
  return rows.map(({ id }) => {
    const [a, b] = [base.indexOf(id), own.indexOf(id)];
    let [before, now, squares] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      before += known[0].outcomes[i] === a ? 1 / n : 0;
      now += run.outcomes[i] === b ? weight[run.kinds[i]] / sum : 0;
    }
    for (let i = 0; i < n; i++) {
      const x = (known[0].outcomes[i] === a ? 1 : 0) - before;
      const y = (weight[run.kinds[i]] * n / sum) * ((run.outcomes[i] === b ? 1 : 0) - now);
      squares += (y - x) ** 2;
    }
    const [value, half] = [now - before, 1.959964 * Math.sqrt(squares) / n];
    return { value, low: Math.max(value - half, -1), high: Math.min(value + half, 1) };
  });
}

// The chance that each ticked report is wrong, given all that are ticked.
function wrong(n) {
  const weight = weights(run);
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weight[run.kinds[i]];
  return tickedReports().map((report) => {
    const fails = run.patterns.map((pattern) => !holds(report, pattern));
    let found = 0;
    for (let i = 0; i < n; i++) if (fails[run.kinds[i]]) found += weight[run.kinds[i]] / sum;
    return { report, wrong: found };
  });
}
