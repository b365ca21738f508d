// ---------------------------------------------------------------- what is saved: names and texts of files
// A value as TOML: as it is, or as text in quotes. A basic string of TOML is written like one of JSON.
function toml(value) {
  return /^(["'[{]|true$|false$|[+-]?[\d.][\d_.eE+:TZ-]*$)/.test(value) ? value : JSON.stringify(value);
}
const keyed = (key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));
const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 60);

// A change in words, and as part of the name of a file.
function change([path, value]) {
  const { guesses, actions, forms } = chosen();
  const bare = value.replace(/^"|"$/g, "");
  const last = path.split(".").slice(path.startsWith("actors.") ? 1 : -1).filter((part) => part !== "loyalty");
  const guess = guesses.find((g) => g.path === path);
  if (guess) return { words: `${called(guess)} ${bare}`, name: slug(`${last.join("_")} ${bare.replace("-", "minus ")}`) };
  const action = actions.find((a) => a.path === path);
  if (action && value === action.values[1]) return { words: `without “${action.name}”`, name: slug(`no ${path.split(".")[1]}`) };
  const form = forms.find((f) => f.path === path);
  return { words: `${form ? form.name.replaceAll("_", " ") : path} ${bare.replaceAll("_", " ")}`, name: slug(`${last.join("_")} ${bare}`) };
}

// All changes: the first, and how many more there are.
function changes() {
  const [first, ...more] = [...state.settings].map(change);
  if (!first) return { words: "", name: "" };
  if (more.length === 0) return first;
  return { words: `${first.words} and ${more.length} more`, name: `${first.name}_and_${more.length}_more` };
}

const own = () => (state.scenario === 0 ? "" : `${slug(chosen().texts.name)}_`);
const title = () => (state.settings.size ? `What if: ${chosen().title.replace(/^What if: /, "")}: ${changes().words}` : chosen().title);
const fileName = () => `${state.settings.size ? `what_if_${own()}${changes().name}` : `whole_${slug(chosen().texts.name)}`}.toml`;

// The same name with a number behind it, if a file of this page has it already.
const taken = new Set();
function free(name) {
  let out = name;
  for (let i = 2; taken.has(out); i++) out = name.replace(/\.toml$/, `_${i}.toml`);
  taken.add(out);
  return out;
}

// What is changed, as comments.
const listed = () => [...state.settings].map((pair) => `# ${pair.join(" = ")}: ${change(pair).words}`);

// The lines of a table, with dotted keys.
function dotted(before, table) {
  return Object.entries(table).flatMap(([key, value]) => {
    const path = before + keyed(key);
    if (typeof value === "string") return [`${path} = ${value}`];
    return Object.keys(value).length ? dotted(`${path}.`, value) : [`${path} = {}`];
  });
}

// The chosen scenario with its changes as one file that extends nothing. Its order is kept: draws of entries go by it.
function wholeScenario() {
  const root = structuredClone(chosen().whole);
  const put = (path, value) => {
    const keys = path.split(".");
    const end = keys.pop();
    const table = keys.reduce((at, key) => {
      if (!Object.hasOwn(at, key) || typeof at[key] !== "object") at[key] = {};
      return at[key];
    }, root);
    table[end] = value;
  };
  for (const [path, value] of state.settings) put(path, toml(value));
  put("title", JSON.stringify(title()));
  put("rounds", String(DATA.rounds));
  if (!settings().has("seed")) put("seed", String(DATA.seed));
  const { schema, ...rest } = root;
  const entries = Object.entries(rest);
  const isTable = ([, value]) => typeof value === "object";
  const lines = [`# ${chosen().path} with all that it extends, saved from a page of kzsim explore${state.settings.size ? ". Changed:" : "."}`,
    ...listed(), `schema = ${schema}`, ...dotted("", Object.fromEntries(entries.filter((e) => !isTable(e))))];
  for (const [name, section] of entries.filter(isTable)) {
    const below = Object.entries(section);
    if (below.length && below.every(isTable)) {
      for (const [id, entry] of below) lines.push("", `[${name}.${keyed(id)}]`, ...dotted("", entry));
    } else lines.push("", `[${name}]`, ...dotted("", section));
  }
  return lines.join("\n") + "\n";
}

// The changes alone, for those who have the file.
function changesAlone() {
  const lines = ["schema = 1", `extends = ${JSON.stringify(chosen().texts.files[0][0])}`, `title = ${JSON.stringify(title())}`, ""];
  for (const [path, value] of settings()) lines.push(`${path} = ${toml(value)}`);
  return lines.join("\n") + "\n";
}

// The reports that are ticked, with all that their file says of them.
const tickedName = () => `ticked_${[...state.given].sort((a, b) => a - b).map((i) => i + 1).join("_")}.toml`;
function ticked() {
  const { title, head, reports } = DATA.evidence;
  const some = reports.filter((_, i) => state.given.has(i));
  const heading = `${title}: ${some.length} of ${reports.length} reports`;
  return [`schema = 1\ntitle = ${JSON.stringify(heading)}\n${head}`, ...some.map((r) => r.toml)].join("\n");
}

function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/toml" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
