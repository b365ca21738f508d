// ---------------------------------------------------------------- words
function percent(x, digits = x < 0.0995 ? (x < 0.00995 ? 2 : 1) : 1) {
  return (100 * x).toFixed(digits);
}
const share = (e) => `${percent(e.value)}\u00a0%`;
const interval = (e) => `${percent(e.low)} to ${percent(e.high)}\u00a0%`;
const points = (x) => `${x < 0 ? "−" : "+"}${percent(Math.abs(x))}`;

// A difference from the base.
function difference(e) {
  if (e.low <= 0 && e.high >= 0) return "no difference beyond chance";
  return `${points(e.value)} points (${points(e.low)} to ${points(e.high)})`;
}

// ---------------------------------------------------------------- small parts of the page
function element(tag, attributes = {}, ...children) {
  const out = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) out.addEventListener(name.slice(2), value);
    else if (name in out && name !== "list" && name !== "form") out[name] = value;
    else out.setAttribute(name, value);
  }
  out.append(...children);
  return out;
}

function problem(text) {
  $("problem").textContent = text;
  $("problem").hidden = !text;
}

// ---------------------------------------------------------------- controls
let controlId = 0;

const called = (guess) => guess.name;

// A guess: where its slider stands, or that it is drawn as guessed.
function slider(guess) {
  const id = `control-${++controlId}`;
  const unit = guess.duration ? " days" : "";
  const digits = (x) => Number(x).toFixed(guess.digits).replace("-", "−") + unit;
  const value = () => (state.settings.get(guess.path) ?? "").replace(/[d"]/g, "");
  const range = element("input", { type: "range", id, min: guess.low, max: guess.high, step: guess.step });
  const now = element("output", { htmlFor: id });
  const free = element("button", { type: "button", className: "plain", textContent: "Undo" });
  const label = called(guess);
  free.setAttribute("aria-label", `Undo: ${label}`);
  const row = element("div", { className: "guess" },
    element("label", { htmlFor: id, textContent: label }), now, range, free);
  row.dataset.path = guess.path;
  const remarks = [guess.says === label ? "" : guess.says, label === guess.path ? "" : guess.path,
    guess.part >= 0.005 ? `explains alone about ${percent(guess.part, 0)} % of how differently rounds end` : ""];
  const words = remarks.filter(Boolean).join("; ");
  if (words) {
    row.append(element("p", { id: `${id}-says`, className: "says", textContent: words }));
    range.setAttribute("aria-describedby", `${id}-says`);
  }
  const update = () => {
    const fixed = state.settings.has(guess.path);
    range.value = fixed ? value() : guess.median;
    row.classList.toggle("fixed", fixed);
    free.disabled = !fixed;
    now.textContent = fixed ? digits(value()) : `drawn as guessed, ${digits(guess.low)} to ${digits(guess.high)}`;
    range.setAttribute("aria-valuetext", now.textContent);
  };
  range.addEventListener("input", () => {
    const text = Number(range.value).toFixed(guess.digits);
    set(guess.path, guess.duration ? `"${text}d"` : text);
    update();
  });
  free.addEventListener("click", () => { set(guess.path, null); update(); range.focus(); });
  update();
  return row;
}

function toggle(action) {
  const [, never] = action.values;
  const id = `control-${++controlId}`;
  const box = element("input", { type: "checkbox", id, checked: state.settings.get(action.path) !== never });
  box.addEventListener("change", () => set(action.path, box.checked ? null : never));
  const by = action.by ? element("span", { className: "by", textContent: ` · by ${action.by}` }) : "";
  const row = element("div", { className: "toggle" }, box, element("label", { htmlFor: id }, action.name, by));
  row.dataset.path = action.path;
  return row;
}

function form(shape) {
  const id = `control-${++controlId}`;
  const options = shape.values.map((v, i) =>
    element("option", { value: v, textContent: v.replaceAll("_", " ") + (i === 0 ? " (as in the scenario)" : "") }));
  const select = element("select", { id }, ...options);
  select.value = state.settings.get(shape.path) ?? shape.values[0];
  select.addEventListener("change", () => set(shape.path, select.value === shape.values[0] ? null : select.value));
  return element("div", { className: "form" }, element("label", { htmlFor: id, textContent: shape.says || shape.name }), select);
}

// A number that is computed: it says from what, and how it can be set all the same.
function formula(number) {
  return element("div", { className: "guess" },
    element("p", { textContent: number.name }),
    element("p", { className: "says" }, "is computed from ", element("code", { textContent: number.from }), ": move what stands there, or set it with ",
      element("code", { textContent: `--set ${number.path}=VALUE` })));
}

const SHOWN = 8; // guesses that are offered at once
const FOUND = 12; // guesses and actions that a search shows

// Whether an entry has all words of a search.
function matches(entry, words) {
  const text = `${entry.name} ${entry.path} ${entry.says} ${entry.by ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function search() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const { guesses, actions, computed } = chosen();
  const more = guesses.slice(SHOWN);
  const wanted = more.filter((g) => (words.length ? matches(g, words) : state.settings.has(g.path)));
  const off = actions.filter((a) => words.length && matches(a, words));
  const fixed = computed.filter((c) => words.length && matches(c, words));
  const all = [[wanted, slider], [off, toggle], [fixed, formula]].flatMap(([some, make]) => some.map((one) => () => make(one)));
  const shown = all.slice(0, FOUND).map((make) => make());
  $("found").replaceChildren(...shown);
  const left = all.length - shown.length;
  $("found-note").textContent = words.length === 0 ? `${more.length} more guesses, ${actions.length} actions and ${computed.length} numbers that are computed can be found here.`
    : shown.length === 0 ? "Nothing here has these words."
      : left > 0 ? `${left} more have these words: add another word.` : "";
}

// Builds all controls of the chosen scenario.
function controls() {
  const { guesses, actions, forms } = chosen();
  controlId = 0;
  $("guesses").replaceChildren(...guesses.slice(0, SHOWN).map(slider));
  search();
  $("actions").replaceChildren(...actions.map(toggle));
  $("forms").replaceChildren(...forms.map(form));
  $("scenario").value = String(state.scenario);
  $("scenario-says").textContent = chosen().says;
  const ends = chosen().outcomes.map((o) => element("option", { value: o.id, textContent: o.name }));
  $("end").replaceChildren(...ends);
  for (const box of document.querySelectorAll("#reports input")) box.checked = state.given.has(Number(box.value));
}

function changed() {
  state.told = 0;
  remember();
  play();
}

// ---------------------------------------------------------------- the answer
let asked = false;
function show() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => { asked = false; draw(); });
}

const rows = new Map();

// The row of an outcome: a bar from 0 to 100 %, its interval, and a mark where the base is.
function row(outcome) {
  if (!rows.has(outcome.id)) {
    const part = (className, tag = "span") => element(tag, { className });
    const own = { bar: part("bar"), across: part("across"), range: part("range"), ghost: part("ghost"), number: part("number", "b"), word: part("word") };
    const track = element("div", { className: "track" }, own.bar, own.across, own.range, own.ghost);
    track.setAttribute("aria-hidden", "true");
    own.item = element("li", {}, element("div", { className: "name" }, outcome.name), track,
      element("div", { className: "words" }, own.number, " ", own.word));
    own.item.dataset.outcome = outcome.id;
    rows.set(outcome.id, own);
  }
  return rows.get(outcome.id);
}

// Outcomes of the base from the most frequent on, then those that the chosen scenario adds.
function ordered(base) {
  const first = [...DATA.scenarios[0].outcomes].sort((a, b) => base.get(b.id).value - base.get(a.id).value);
  const more = chosen().outcomes.filter((o) => !first.some((f) => f.id === o.id));
  return [...first, ...more];
}

function place(node, from, to) {
  node.style.left = `${100 * from}%`;
  node.style.width = `${100 * (to - from)}%`;
}

function draw() {
  commands();
  if (!ask || !run) return;
  problem(run.wrong);
  const n = run.prefix;
  document.documentElement.dataset.rounds = String(n);
  if (n === 0) {
    $("rounds").textContent = run.wrong ? "" : "Playing …";
    return;
  }
  const base = DATA.scenarios[0];
  const all = ordered(shares(base, known[0], known[0].rounds));
  const conditional = state.given.size > 0;
  const asIs = isBase() && !conditional;
  const ghosts = shares(base, known[0], n);
  let [mine, same, few, effective, beside] = [null, null, false, 0, null];
  if (conditional) {
    const [now, before] = [given(chosen(), run, n), isBase() ? null : given(base, known[0], n)];
    [mine, few, effective] = [now.shares, now.few, now.effective];
    if (before && !before.few) same = before.shares;
    if (!few) beside = byReports(all, n);
  } else {
    mine = shares(chosen(), run, n);
    if (!asIs) beside = differences(all, n);
  }
  all.forEach((outcome, i) => {
    const own = row(outcome);
    const [e, ghost] = [mine.get(outcome.id), ghosts.get(outcome.id)];
    const told = e && !few && e.value !== null;
    own.item.classList.toggle("untold", !told);
    place(own.bar, 0, told ? e.value : 0);
    place(own.range, told ? e.low : 0, told ? e.high : 0);
    own.ghost.hidden = asIs || !ghost;
    if (!own.ghost.hidden) own.ghost.style.left = `${100 * ghost.value}%`;
    own.item.dataset.count = e?.count ?? "";
    own.item.dataset.share = told ? e.value : "";
    own.item.dataset.difference = beside ? `${beside[i].value} ${beside[i].low} ${beside[i].high}` : "";
    own.number.textContent = told ? share(e) : e ? "not known" : "not in this scenario";
    const words = told ? [interval(e)] : [];
    if (!asIs) {
      const before = ghost ? `base${conditional ? " without reports" : ""} ${share(ghost)}` : "not in the base";
      words.push(beside ? `${before}: ${difference(beside[i])}` : before);
    }
    if (same?.has(outcome.id)) words.push(`base given the same reports ${share(same.get(outcome.id))}`);
    const { across, across_words } = chosen().outcomes.find((o) => o.id === outcome.id) ?? {};
    own.across.hidden = !across;
    if (across) {
      place(own.across, ...across);
      const which = [state.settings.size ? "the unchanged scenario" : "", conditional ? "without reports" : ""].filter(Boolean).join(" ");
      words.push(which ? `${across_words} (${which})` : across_words);
    }
    own.word.replaceChildren(...words.flatMap((text, i) => (i === 0 && told ? [text] : [element("br"), text])));
    own.item.classList.toggle("moved", Boolean(beside && (beside[i].low > 0 || beside[i].high < 0)));
  });
  const items = all.map((o) => row(o).item);
  if (items.some((item, i) => $("outcomes").children[i] !== item) || $("outcomes").children.length !== items.length) {
    $("outcomes").replaceChildren(...items);
  }
  const fits = conditional ? `, of which the ticked reports leave ${count(Math.round(effective))} effective ones` : "";
  $("rounds").textContent = `${count(n)} of ${count(DATA.rounds)} rounds${fits}. Bars are shares of rounds; thin lines are 95 % intervals for the finite number of rounds, not for the guesses.`
    + (chosen().outcomes.some((o) => o.across) ? ` Pale bands are the range across guesses${state.settings.size || conditional ? ` of the scenario ${state.settings.size ? "as its file has it" : "without reports"}` : ""}: for nine in ten sets of guesses drawn from the scenario, the share lies within it. More rounds do not narrow it.` : "")
    + (asIs ? "" : ` The mark ┃ is the base${conditional ? " without reports" : ""} on the same rounds.`);
  $("few").hidden = !few;
  const doubts = conditional && !few ? probablyWrong(n) : "";
  $("doubts").textContent = doubts;
  $("doubts").hidden = !doubts;
  summary(all, mine, beside, n, few);
  ends(mine, n);
}

// A warning of ticked reports that are counted on and probably wrong, as `kzsim run --given` has it.
function probablyWrong(n) {
  const all = wrong(n).filter((w) => w.report.counted_on && w.wrong > DATA.evidence.doubt);
  if (all.length === 0) return "";
  const each = all.map(({ report, wrong }) => `“${report.names}” (${wrong > 1 - 1e-9 ? "no round that fits shows it" : `${percent(wrong)} %`}; reliability ${report.reliability})`);
  const [what, they] = all.length === 1 ? ["report", "is probably wrong, and the answer is mostly about rounds in which it is"]
    : ["reports", "are probably wrong, and the answer is mostly about rounds in which they are"];
  return `Given what is ticked, the ${what} ${each.join(", ")} ${they}.`;
}

// One sentence for those who listen, not more often than they can.
let spoken = 0;
let later = null;
function summary(all, mine, beside, n, few) {
  const most = [...mine].filter(([, e]) => e.value !== null).sort((a, b) => b[1].value - a[1].value)[0];
  const name = (id) => all.find((o) => o.id === id).name;
  let text = few || !most ? "Too few rounds fit the ticked reports." : `${count(n)} rounds. Most often: ${name(most[0])}, ${share(most[1])}.`;
  if (beside) {
    const moved = all.map((o, i) => [o, beside[i]]).filter(([, e]) => e.low > 0 || e.high < 0)
      .sort((a, b) => Math.abs(b[1].value) - Math.abs(a[1].value)).slice(0, 2);
    text += moved.length ? ` ${moved.map(([o, e]) => `${o.name}: ${points(e.value)} points`).join("; ")}.` : " No difference from the base beyond chance.";
    if (state.given.size) text += " The base is without reports.";
  }
  $("brief").textContent = text.replace(/^[\d,]+ rounds\. /, "");
  clearTimeout(later);
  later = setTimeout(() => { spoken = Date.now(); $("summary").textContent = text; }, Math.max(400, 1500 - (Date.now() - spoken)));
}

// ---------------------------------------------------------------- histories
function ends(mine, n) {
  if (!state.end && mine.size) {
    const most = [...mine].sort((a, b) => (b[1].value ?? 0) - (a[1].value ?? 0))[0];
    $("end").value = most[0];
  } else $("end").value = state.end;
  const rounds = ended(n);
  $("tell").disabled = rounds.length === 0;
  const fit = state.given.size ? " and agree with every ticked report" : "";
  $("end-note").textContent = rounds.length ? `${count(rounds.length)} of ${count(n)} rounds end so${fit}.`
    : `None of the rounds so far ends so${fit.replace("agree", "agrees")}.`;
}

// The numbers of rounds with the chosen outcome, of which every ticked report is true.
function ended(n) {
  const outcome = chosen().outcomes.findIndex((o) => o.id === $("end").value);
  const fits = run.patterns.map((pattern) => tickedReports().every((r) => holds(r, pattern)));
  const out = [];
  for (let i = 0; i < n; i++) if (run.outcomes[i] === outcome && fits[run.kinds[i]]) out.push(i);
  return out;
}

async function tell() {
  const rounds = ended(run.prefix);
  if (!rounds.length || !pool) return;
  const round = rounds[state.told++ % rounds.length];
  const worker = pool.workers[pool.workers.length - 1];
  const command = words(["kzsim", "trace", chosen().path, "--round", round, ...seed(), ...assigned()]);
  await pool.ask(worker, question(TOLD, chosen(), settings()));
  const text = await pool.ask(worker, { Tell: { slot: TOLD, seed: DATA.seed, round } });
  if (text.wrong) return problem(text.wrong);
  const lines = text.split("\n");
  // What happens has its moment before it; reasons are indented further.
  const events = lines.filter((line) => /^ {1,4}\d{4}-\d\d-\d\d/.test(line)).map((line) => line.trim());
  const last = lines.find((line) => line.startsWith("Outcome")) ?? "";
  const items = events.map((line) => {
    const [, day, rest] = /^(\S+ \d\d:\d\d)\s+(.*)$/.exec(line) ?? [null, "", line];
    return element("li", {}, element("time", { textContent: day }), " ", rest.replace(/ \([a-z0-9_]+\)/g, ""));
  });
  $("history").replaceChildren(
    element("h3", { textContent: `Round ${count(round)}` }),
    element("ol", { className: "events" }, ...items),
    element("p", { textContent: last.replace(/ \([a-z0-9_]+\)$/, "") }),
    element("details", {}, element("summary", { textContent: "With reasons" }), element("pre", { textContent: text, tabIndex: 0 })),
    element("p", { className: "says" }, "The same at the command line: ", element("code", { textContent: command })));
}

// ---------------------------------------------------------------- to take away
const quoted = (word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${String(word).replaceAll("'", `'\\''`)}'`);
const words = (all) => all.map((word) => quoted(String(word))).join(" ");
const assigned = () => [...settings()].flatMap(([path, value]) => ["--set", `${path}=${value}`]);
const seed = () => (settings().has("seed") ? [] : ["--seed", DATA.seed]);

const everyReport = () => state.given.size === DATA.evidence?.reports.length;
const reported = (file) => (state.given.size ? ["--given", file, "--given-by", "weights"] : []);

function commands() {
  const all = ["kzsim", "run", chosen().path, ...assigned(), "--rounds", DATA.rounds, ...seed(), ...reported(everyReport() ? DATA.evidence.path : tickedName())];
  if (state.settings.size) all.push("--out", "results/what_if");
  $("command").textContent = words(all);
  $("save-evidence").hidden = !state.given.size;
  const file = chosen().path;
  $("needs").textContent = `The command needs ${file}${state.given.size && everyReport() ? ` and ${DATA.evidence.path}` : ""}. Whoever does not have it saves the whole scenario: one file that needs no other.`;
  $("alone").textContent = `The changes alone are a short file that extends ${chosen().texts.files[0][0]}, for those who have that.`;
  $("save-changes").disabled = state.settings.size === 0;
  const many = [state.settings.size ? number(state.settings.size, "change") : "", state.given.size ? number(state.given.size, "ticked report") : ""].filter(Boolean);
  $("reset").disabled = state.settings.size === 0;
  $("changes").textContent = many.length ? `${many.join(", ")}.` : "Nothing is changed.";
}
const number = (n, what) => `${n} ${what}${n === 1 ? "" : "s"}`;

async function copy() {
  const text = $("command").textContent;
  try { await navigator.clipboard.writeText(text); } catch {
    // A page from a file may not write to the clipboard: what is selected can be copied by hand.
    getSelection().selectAllChildren($("command"));
    $("copied").textContent = "Selected: copy it with the keyboard or the menu.";
    return;
  }
  $("copied").textContent = "Copied.";
}

$("search").addEventListener("input", search);
$("scenario").addEventListener("change", () => { state.scenario = Number($("scenario").value); state.end = ""; changed(); controls(); });
$("end").addEventListener("change", () => { state.end = $("end").value; state.told = 0; remember(); show(); });
$("tell").addEventListener("click", tell);
$("reset").addEventListener("click", () => { state.settings.clear(); controls(); changed(); });
$("copy").addEventListener("click", copy);
$("save").addEventListener("click", () => {
  const name = free(fileName());
  save(name, wholeScenario());
  const also = state.given.size ? `, with the ticked reports saved as ${tickedName()} too` : "";
  $("saved").replaceChildren(`Saved as ${name}. It extends no other file; the counts of this page${also}: `,
    element("code", { textContent: words(["kzsim", "run", name, ...reported(tickedName())]) }));
});
$("save-changes").addEventListener("click", () => {
  const name = free(fileName());
  save(name, changesAlone());
  $("saved").textContent = `Saved as ${name}. It extends ${chosen().texts.files[0][0]}: put it into the same folder as that file.`;
});
$("save-evidence").addEventListener("click", () => save(tickedName(), ticked()));
for (const box of document.querySelectorAll("#reports input")) {
  box.addEventListener("change", () => {
    if (box.checked) state.given.add(Number(box.value)); else state.given.delete(Number(box.value));
    remember();
    show();
  });
}

// ---------------------------------------------------------------- start
window.addEventListener("hashchange", () => { restore(); controls(); play(); });
restore();
controls();
play();
start().catch((error) => {
  $("engine-state").textContent = "";
  problem(`The engine does not start in this browser: ${error.message ?? error}. The shares below are those of the scenarios as they are.`);
});
