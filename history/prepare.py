"""Makes case tables of historical attempts and leaders from data sets that you have downloaded.

    python history/prepare.py FOLDER --out DIR [--frames colpus,cline] [--columns]

FOLDER holds the files named below, with the columns that their authors gave them. Each frame is a pair of files in DIR:
NAME_cases.csv, which `kzsim cases` and `kzsim fit` lay over a template, and NAME_observed.csv, what came of it, in the words of
the templates in scenarios/history.
Nothing but the standard library is needed, and no number of the data stands here.
"""

import argparse
import csv
import difflib
import math
import sys
from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

ARCHIGOS = "archigos_4.1.csv"
REIGN = "reign_leaders_2021_03.csv"
REGIMES = "gwf_regimes_reign.csv"
COLPUS = "colpus_1.1.csv"
CLINE = "cline_cdp_2.1.2_with_reign.csv"
POWELL_THYNE = "powell_thyne_2023_09.csv"

NEEDS = {
    ARCHIGOS: "obsid ccode yrborn startdate enddate entry exit",
    REIGN: "ccode sdate smonth syear emonth eyear birthyear",
    REGIMES: "cowcode gwf_startdate gwf_enddate gwf_regimetype",
    COLPUS: "ccode date statenme success srofficial jrofficer relative outsidesupporters",
    CLINE: "cowcode year month day event_type military dissident palace foreign",
    POWELL_THYNE: "ccode year month day coup",
}

# What each column knows, and when: the day before the case, or only when it was over.
COLUMNS = [
    ("rank", "colpus", "1 a senior officer or high official takes part, -1 junior officers alone, 0 neither; empty if not coded", "coded after the event"),
    ("rank", "cline", "-1 dissidents take part, else 1 somebody of the palace, else 0", "coded after the event"),
    ("relative", "colpus", "a relative of the ruler takes part", "coded after the event"),
    ("relative", "cline", "somebody of the palace takes part", "coded after the event"),
    ("foreign", "colpus", "a foreign state is named among supporters from outside", "coded after the event"),
    ("foreign", "cline", "foreign powers take part", "coded after the event"),
    ("tenure", "all", "ln(1 + months in office)/ln(241), of whoever was in office the day before", "known the day before"),
    ("old", "all", "(age - 30)/50, of the same leader", "known the day before"),
    ("tried", "all", "ln(1 + attempts in five years before)/ln(6), attempts of the same data set", "known the day before, as far as attempts were known then"),
    ("personal", "all", "the regime of the day before is a ruler's own (Geddes, Wright & Frantz)", "kind: coded after the regime had shown what it was"),
    ("irregular", "leader_years, successors", "the leader came to office irregularly", "known at t0"),
    ("military, party, monarchy", "leader_years, successors", "kind of regime; hybrids by their first name", "kind: coded after the regime had shown what it was"),
    ("group", "all", "kind of regime on the day before, for `score --by`; no template reads it", "coded after the regime had shown what it was"),
]  # fmt: skip

# Other names of states in the column of supporters from outside; names of the column `statenme` are added.
STATES = """Soviet Union|USSR|UAR|United Arab Republic|United States|U.S.|USA|CIA|United Kingdom|Britain|France|Germany|East Germany|
West Germany|Italy|Spain|Portugal|Belgium|Netherlands|Cuba|China|Taiwan|Vietnam|North Vietnam|South Vietnam|North Korea|South Korea|
Egypt|Libya|Syria|Iraq|Iran|Israel|Jordan|Saudi Arabia|Turkey|Pakistan|India|Bangladesh|Ethiopia|Sudan|South Sudan|Chad|Uganda|Kenya|
Tanzania|Rwanda|Burundi|Zaire|DR Congo|Congo|Angola|Mozambique|Zambia|Zimbabwe|Rhodesia|South Africa|Nigeria|Ghana|Guinea|Senegal|Mali|
Ivory Coast|Cote d'Ivoire|Burkina Faso|Togo|Benin|Niger|Gabon|Cameroon|Morocco|Algeria|Tunisia|Venezuela|Colombia|Brazil|Argentina|Peru|
Chile|Bolivia|Paraguay|Uruguay|Ecuador|Nicaragua|Costa Rica|Honduras|Guatemala|El Salvador|Panama|Mexico|Dominican Republic|Haiti|
Russia|Yugoslavia|Hungary|Poland|Romania|Bulgaria|Albania|Greece|Cyprus|Yemen|Kuwait|United Arab Emirates|Thailand|Laos|Cambodia|
Indonesia|Malaysia|Philippines|Australia|New Zealand|Japan|Afghanistan"""
STATES = {name.strip() for name in STATES.replace("\n", "").split("|")}

AUTOCRACIES = ("military", "personal", "party", "monarchy", "other")
HALF_DECADE = timedelta(days=1826)
LAST_OF_ARCHIGOS = date(2015, 12, 31)
"""When Archigos 4.1 ends: who is in office then is not seen to leave."""


class Fault(Exception):
    """What the user can mend."""


# Reading --------------------------------------------------------------------------------------------------


def read(folder, names):
    """The rows of each file, after all faults of all files are known."""
    tables, faults = {}, []
    present = sorted(path.name for path in folder.iterdir())
    for name in names:
        if name not in present:
            near = difflib.get_close_matches(name, present, 1)
            faults.append(f"{folder / name} is missing" + (f": is it `{near[0]}`?" if near else ""))
            continue
        with open(folder / name, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            found = reader.fieldnames or []
            for column in NEEDS[name].split():
                if column not in found:
                    near = difflib.get_close_matches(column, found, 1)
                    faults.append(f"{folder / name}: no column `{column}`" + (f": is it `{near[0]}`?" if near else ""))
            tables[name] = list(reader)
    if faults:
        raise Fault("\n".join(faults))
    return tables


def number(text, place):
    """A whole number; data sets write many of them as 40.0."""
    try:
        return int(float(text))
    except ValueError:
        raise Fault(f"{place}: expected a whole number, found `{text}`") from None


def code(row, column, place):
    """A yes or no that may be missing."""
    text = row[column].strip()
    if text in ("", "NA", "."):
        return None
    value = number(text, f"{place}, {column}")
    if value not in (0, 1):
        raise Fault(f"{place}, {column}: expected 0, 1 or nothing, found `{text}`")
    return value


def day(year, month, number_of_day, place):
    """A date; a day 0, where it is not known, is the first: nothing of the month is known before it."""
    parts = [number(part, place) for part in (year, month, number_of_day)]
    try:
        return date(parts[0], max(parts[1], 1), max(parts[2], 1))
    except ValueError:
        raise Fault(f"{place}: there is no day {year}-{month}-{number_of_day}") from None


def iso(text, place):
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(f"{place}: expected a date such as 1960-01-31, found `{text}`") from None


def american(text, place):
    parts = text.split("/")
    if len(parts) != 3:
        raise Fault(f"{place}: expected a date such as 1/31/1960, found `{text}`")
    return day(parts[2], parts[0], parts[1], place)


class Leader:
    def __init__(self, country, start, end, born, entry, leaves):
        self.country, self.start, self.end, self.born, self.entry, self.leaves = country, start, end, born, entry, leaves


def leaders_of(tables):
    """Archigos, and after its end REIGN, which knows no way of leaving."""
    archigos, reign = {}, {}
    for line, row in enumerate(tables[ARCHIGOS], 2):
        place = f"{ARCHIGOS}:{line}"
        born = number(row["yrborn"], place) if row["yrborn"].strip() else None
        country = number(row["ccode"], place)
        start, end = iso(row["startdate"], place), iso(row["enddate"], place)
        archigos.setdefault(country, []).append(Leader(country, start, end, born, row["entry"], row["exit"]))
    for line, row in enumerate(tables[REIGN], 2):
        place = f"{REIGN}:{line}"
        country = number(row["ccode"], place)
        start = day(row["syear"], row["smonth"], row["sdate"], place)
        # REIGN tells the month of the end alone.
        end = date(9999, 1, 1)
        if row["eyear"].strip():
            end = day(row["eyear"], row["emonth"], "28", place)
        born = number(row["birthyear"], place) if row["birthyear"].strip() else None
        reign.setdefault(country, []).append(Leader(country, start, end, born, "", ""))
    for table in (archigos, reign):
        for spells in table.values():
            spells.sort(key=lambda leader: leader.start)
    return archigos, reign


def in_office(leaders, country, when):
    """Who was in office at the end of this day: of two who share it, the later one."""
    archigos, reign = leaders
    table = archigos if when <= LAST_OF_ARCHIGOS else reign
    for source in (table, reign):
        holding = [leader for leader in source.get(country, []) if leader.start <= when <= leader.end]
        if holding:
            return holding[-1]
    return None


def kind(name):
    """The kind of a regime: a hybrid by its first name."""
    name = name.strip().lower()
    if "provisional" in name or name in ("foreign-occupied", "warlordism"):
        return "interim"
    if name in ("presidential", "parliamentary"):
        return "democracy"
    if name.startswith("party"):
        return "party"
    if name.startswith("military") or name == "indirect military":
        return "military"
    return name if name in ("personal", "monarchy") else "other"


def regimes_of(table):
    spells = {}
    for line, row in enumerate(table, 2):
        place = f"{REGIMES}:{line}"
        spell = american(row["gwf_startdate"], place), american(row["gwf_enddate"], place), kind(row["gwf_regimetype"])
        spells.setdefault(number(row["cowcode"], place), []).append(spell)
    return {country: sorted(list_) for country, list_ in spells.items()}


def regime(regimes, country, when):
    """The spell that has begun by this day and goes on after it."""
    for spell in reversed(regimes.get(country, [])):
        if spell[0] <= when < spell[1]:
            return spell
    return None


# Columns ----------------------------------------------------------------------------------------------------


def months(days):
    return days / 30.4375


def leader_columns(leader, before):
    """Tenure and age as the day `before` knows them."""
    if leader is None:
        return {"tenure": None, "old": None}
    tenure = math.log(1 + months((before - leader.start).days)) / math.log(241)
    old = None if leader.born is None else (before.year - leader.born - 30) / 50
    return {"tenure": tenure, "old": old}


def tried(attempts, country, when):
    """Attempts in the five years before."""
    days = attempts.get(country, [])
    return math.log(1 + bisect_left(days, when) - bisect_left(days, when - HALF_DECADE)) / math.log(6)


def attempts_of(cases):
    found = {}
    for country, when in cases:
        found.setdefault(country, []).append(when)
    return {country: sorted(days) for country, days in found.items()}


class Frame:
    """Rows of cases and what came of them; ids are country and day, counted where a day has several."""

    def __init__(self, name, columns):
        self.name, self.columns = name, columns
        self.cases, self.observed, self.ids = [], [], {}

    def add(self, country, when, group, values, outcome, **more):
        self.ids[country, when] = self.ids.get((country, when), 0) + 1
        again = self.ids[country, when]
        case = f"{country}_{when.isoformat()}" + (f"_{again}" if again > 1 else "")
        cells = ["" if values[c] is None else f"{values[c]:.6g}" for c in self.columns]
        self.cases.append([case, f"c{country}", group, when.isoformat(), *cells])
        self.observed.append([case, f"c{country}", group, when.isoformat(), outcome, *more.values()])
        self.more = list(more)

    def write(self, out):
        header = ["case", "cluster", "group", "t0", *(f"parameters.{c}" for c in self.columns)]
        write(out / f"{self.name}_cases.csv", header, self.cases)
        header = ["case", "cluster", "group", "date", "outcome", *(self.more if self.observed else [])]
        write(out / f"{self.name}_observed.csv", header, self.observed)
        found = Counter(row[4] for row in self.observed)
        counts = ", ".join(f"{found[outcome]} {outcome}" for outcome in sorted(found))
        print(f"{self.name}: {len(self.cases)} cases of {len({row[1] for row in self.cases})} countries: {counts}")


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# Frames -----------------------------------------------------------------------------------------------------

CONTEST = ["rank", "relative", "foreign", "tenure", "old", "tried", "personal"]


def contest(name, rows, leaders, regimes):
    """Attempts: rows of country, day, whether it succeeded, and what is coded of the plotters."""
    attempts = attempts_of((country, when) for country, when, _, _ in rows)
    columns = [c for c in CONTEST if any(c in coded for *_, coded in rows) or c not in ("rank", "relative", "foreign")]
    frame = Frame(name, columns)
    for country, when, succeeded, coded in sorted(rows, key=lambda row: row[:2]):
        before = when - timedelta(days=1)
        spell = regime(regimes, country, before)
        values = dict(coded, **leader_columns(in_office(leaders, country, before), before), tried=tried(attempts, country, when))
        values["personal"] = int(spell[2] == "personal") if spell else None
        frame.add(country, when, spell[2] if spell else "none", values, "succeeds" if succeeded else "fails")
    return frame


def colpus(tables, leaders, regimes):
    names = STATES | {row["statenme"].strip() for row in tables[COLPUS]}
    rows = []
    for line, row in enumerate(tables[COLPUS], 2):
        place = f"{COLPUS}:{line}"
        success = number(row["success"], place)
        if success not in (1, 2):
            raise Fault(f"{place}: success is {success}, expected 1 (yes) or 2 (no)")
        senior, junior = code(row, "srofficial", place), code(row, "jrofficer", place)
        rank = None if senior is None and junior is None else 1 if senior else -1 if junior else 0
        relative = code(row, "relative", place)
        foreign = None if rank is None else 0
        own = row["statenme"].strip()
        for part in row["outsidesupporters"].replace(";", ",").replace("/", ",").replace(" and ", ",").split(","):
            part = part.strip().rstrip("?").removesuffix(" support").strip()
            words = part.split()
            if part != own and (part in names or words and words[0] in names and "." in words[0]):
                foreign = 1
        coded = {"rank": rank, "relative": relative, "foreign": foreign}
        rows.append((number(row["ccode"], place), iso(row["date"], place), success == 1, coded))
    return contest("colpus", rows, leaders, regimes)


def cline(tables, leaders, regimes):
    rows = []
    for line, row in enumerate(tables[CLINE], 2):
        place = f"{CLINE}:{line}"
        if row["event_type"] not in ("coup", "attempted", "conspiracy"):
            raise Fault(f"{place}: event_type is `{row['event_type']}`, expected coup, attempted or conspiracy")
        if row["event_type"] == "conspiracy":
            continue
        palace, dissident = code(row, "palace", place), code(row, "dissident", place)
        coded = {
            "rank": -1 if dissident else 1 if palace else 0,
            "relative": palace,
            "foreign": code(row, "foreign", place),
        }
        when = day(row["year"], row["month"], row["day"], place)
        rows.append((number(row["cowcode"], place), when, row["event_type"] == "coup", coded))
    return contest("cline", rows, leaders, regimes)


def powell_thyne_rows(tables):
    rows = []
    for line, row in enumerate(tables[POWELL_THYNE], 2):
        place = f"{POWELL_THYNE}:{line}"
        coup = number(row["coup"], place)
        if coup not in (1, 2):
            raise Fault(f"{place}: coup is {coup}, expected 2 (success) or 1 (failure)")
        rows.append((number(row["ccode"], place), day(row["year"], row["month"], row["day"], place), coup == 2, {}))
    return rows


def powell_thyne(tables, leaders, regimes):
    return contest("powell_thyne", powell_thyne_rows(tables), leaders, regimes)


STAY = ["tenure", "old", "tried", "irregular", "military", "personal", "party", "monarchy"]


def stay_values(leader, when, spell, attempts):
    values = leader_columns(leader, when)
    values["tried"] = tried(attempts, leader.country, when)
    values["irregular"] = int(leader.entry == "Irregular")
    values |= {name: int(spell[2] == name) for name in ("military", "personal", "party", "monarchy")}
    return values


def way_out(leader, days, when):
    """How he left within this many days, as far as Archigos sees."""
    if leader.leaves == "Still in Office" or (leader.end - when).days > days:
        return "stays"
    return "irregular" if leader.leaves == "Irregular" else "other"


def leader_years(tables, leaders, regimes):
    """Leaders of autocracies on the first of January, from the first year of Archigos' postwar regimes to its last whole year."""
    attempts = attempts_of((country, when) for country, when, _, _ in powell_thyne_rows(tables))
    frame = Frame("leader_years", STAY)
    for country, spells in sorted(leaders[0].items()):
        for year in range(1950, LAST_OF_ARCHIGOS.year):
            when = date(year, 1, 1)
            spell = regime(regimes, country, when)
            holding = [leader for leader in spells if leader.start < when <= leader.end]
            if spell is None or spell[2] not in AUTOCRACIES or not holding:
                continue
            how = way_out(holding[-1], 364, when)
            values = stay_values(holding[-1], when, spell, attempts)
            frame.add(country, when, spell[2], values, how)
    return frame


def successors(tables, leaders, regimes):
    """Who follows a leader of an autocracy who left without force after a year or more, where the regime outlived him by 90 days."""
    attempts = attempts_of((country, when) for country, when, _, _ in powell_thyne_rows(tables))
    frame = Frame("successors", STAY)
    quietly = ("Regular", "Natural Death", "Retired Due to Ill Health")
    for country, spells in sorted(leaders[0].items()):
        for place, leader in enumerate(spells[:-1]):
            spell = regime(regimes, country, leader.end)
            follower = spells[place + 1]
            if spell is None or spell[2] not in AUTOCRACIES or leader.leaves not in quietly or leader.end.year < 1950:
                continue
            if (leader.end - leader.start).days < 365 or (spell[1] - leader.end).days < 90:
                continue
            if not -5 <= (follower.start - leader.end).days <= 30 or follower.entry != "Regular":
                continue
            if follower.start + timedelta(days=365) > LAST_OF_ARCHIGOS:
                continue
            how = way_out(follower, 365, follower.start)
            later = ""
            if follower.start + timedelta(days=1095) <= LAST_OF_ARCHIGOS:
                later = way_out(follower, 1095, follower.start)
            values = stay_values(follower, follower.start, spell, attempts)
            frame.add(country, follower.start, spell[2], values, how, in_three_years=later)
    return frame


TARGET = (ARCHIGOS, REIGN, REGIMES)
FRAMES = {
    "colpus": (colpus, (COLPUS, *TARGET)),
    "cline": (cline, (CLINE, *TARGET)),
    "powell_thyne": (powell_thyne, (POWELL_THYNE, *TARGET)),
    "leader_years": (leader_years, (POWELL_THYNE, *TARGET)),
    "successors": (successors, (POWELL_THYNE, *TARGET)),
}


def main():
    files = "\n".join(f"  {name}: {columns}" for name, columns in NEEDS.items())
    frames = "\n".join(f"  {name}: {', '.join(needed)}" for name, (_, needed) in FRAMES.items())
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog=f"files and the columns that are read:\n{files}\n\nframes and their files:\n{frames}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, nargs="?", help="the folder with the downloaded files")
    parser.add_argument("--out", type=Path, help="where case tables are written")
    parser.add_argument("--frames", default=",".join(FRAMES), help="these alone, separated by commas")
    parser.add_argument("--columns", action="store_true", help="what each column means and when it was known")
    args = parser.parse_args()
    if args.columns:
        for row in COLUMNS:
            print(" | ".join(row))
        return 0
    if args.folder is None or args.out is None:
        parser.error("expected a folder of data and --out DIR")
    try:
        if not args.folder.is_dir():
            raise Fault(f"{args.folder} is no folder")
        wanted = [name.strip() for name in args.frames.split(",")]
        unknown = [name for name in wanted if name not in FRAMES]
        if unknown:
            raise Fault(f"no frame `{unknown[0]}`: one of {', '.join(FRAMES)}")
        tables = read(args.folder, sorted({name for frame in wanted for name in FRAMES[frame][1]}))
        leaders, regimes = leaders_of(tables), regimes_of(tables[REGIMES])
        args.out.mkdir(parents=True, exist_ok=True)
        for name in wanted:
            FRAMES[name][0](tables, leaders, regimes).write(args.out)
    except (Fault, OSError) as fault:
        for line in str(fault).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
