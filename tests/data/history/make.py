"""Invents files with the names and columns that history/prepare.py reads: countries, leaders, regimes, attempts.

    python tests/data/history/make.py DIR [--countries 40] [--seed 1]

No number in them is of any real country. Attempts succeed by a logit whose coefficients stand here, so that what is fitted
to them can be held against the truth.
"""

import argparse
import csv
import math
import random
from datetime import date, timedelta
from pathlib import Path

TRUTH = {"one": 0.9, "rank": 0.9, "relative": 0.4, "tenure": -1.4, "old": 1.2, "tried": -1.2}
KINDS = ("military", "personal", "party-based", "monarchy", "party-personal", "presidential", "provisional")
FIRST, LAST, END = date(1946, 1, 1), date(2015, 12, 31), date(2020, 12, 31)


def p_success(values):
    score = TRUTH["one"] + sum(TRUTH[name] * value for name, value in values.items())
    return 1 / (1 + math.exp(-score))


def history(rng, country):
    """Leaders, regimes and attempts of an invented country."""
    leaders, attempts, regimes = [], [], []
    day = FIRST - timedelta(days=rng.randrange(3000))
    how, begun, kind = "Regular", day, rng.choice(KINDS)
    while day < END:
        born = day.year - rng.randrange(32, 70)
        stays = min(rng.expovariate(1 / 3600), 14000)
        leaves, way = day + timedelta(days=max(1, int(stays))), "Natural Death" if rng.random() < 0.25 else "Regular"
        when = day
        while True:
            when += timedelta(days=max(1, int(rng.expovariate(1 / 2600))))
            if when >= leaves or when > END:
                break
            before = when - timedelta(days=1)
            military = rng.random() < 0.8
            rank = rng.choice((-1, 0, 1))
            relative = int(rank == 1 and rng.random() < 0.3)
            recent = sum(timedelta(0) < when - other[0] <= timedelta(days=1826) for other in attempts)
            values = {
                "rank": rank,
                "relative": relative,
                "tenure": math.log(1 + max((before - day).days, 0) / 30.4375) / math.log(241),
                "old": (before.year - born - 30) / 50,
                "tried": math.log(1 + recent) / math.log(6),
            }
            succeeded = rng.random() < p_success(values)
            attempts.append((when, succeeded, rank, relative, military))
            if succeeded:
                leaves, way = when, "Irregular"
                break
        leaders.append((day, min(leaves, END), born, how, way if leaves < END else "Still in Office"))
        how = "Irregular" if way == "Irregular" else "Regular"
        day = leaves
        if how == "Irregular" or rng.random() < 0.15:
            regimes.append((begun, min(day, END), kind))
            begun, kind = day, rng.choice(KINDS)
    if begun < END:
        regimes.append((begun, END, kind))
    return leaders, attempts, regimes


def american(day):
    return f"{day.month}/{day.day}/{day.year}"


def make(out, countries, seed):
    rng = random.Random(seed)
    files = {
        "archigos_4.1.csv": "obsid,ccode,leadid,leader,yrborn,gender,startdate,enddate,entry,exit,exitcode",
        "reign_leaders_2021_03.csv": "stateabb,ccode,leadid,leader,sdate,smonth,syear,emonth,eyear,birthyear,gender,militarycareer",
        "gwf_regimes_reign.csv": "cowcode,gwf_country,gwf_casename,gwf_startdate,gwf_enddate,gwf_regimetype",
        "colpus_1.1.csv": "id,ccode,date,statenme,year,success,srofficial,jrofficer,relative,anyoutsidesupport,outsidesupporters",
        "cline_cdp_2.1.2_with_reign.csv": "coup_id,cowcode,country,year,month,day,event_type,military,dissident,palace,foreign",
        "powell_thyne_2023_09.csv": "country,ccode,year,month,day,coup,version",
    }
    rows = {name: [] for name in files}
    archigos, reign, regimes, colpus, cline, powell = rows.values()
    for country in range(1, countries + 1):
        name = f"Country {country}"
        leaders, attempts, spells = history(rng, country)
        for number, (start, end, born, entry, way) in enumerate(leaders, 1):
            who = f"L{country}-{number}"
            if start <= LAST:
                seen = end <= LAST
                stop, left = (end, way) if seen else (LAST, "Still in Office")
                archigos.append([who, f"{country}.0", who, who, f"{born}.0", "M", start, stop, entry, left, left])
            ends = ["", ""] if way == "Still in Office" else [f"{end.month}.0", f"{end.year}.0"]
            reign.append([f"C{country}", country, who, who, start.day, start.month, start.year, *ends, f"{born}.0", 1, 0.0])
        for start, end, kind in spells:
            regimes.append([country, name, f"{name} {start.year % 100}-{end.year % 100}", american(start), american(end), kind])
        for when, succeeded, rank, relative, military in attempts:
            coded = ["", "", ""] if rng.random() < 0.2 else [f"{int(rank == 1)}.0", f"{int(rank == -1)}.0", f"{relative}.0"]
            outside = rng.choice(("", "", "Protesters", "Soviet Union", "Country 1; Students"))
            row = [f"{country}-{when}", country, when, name, when.year, 1 if succeeded else 2]
            colpus.append([*row, *coded, float(bool(outside)), outside])
            kind = "coup" if succeeded else "attempted"
            day = [when.year, when.month, when.day]
            cline.append([len(cline) + 1, country, name, *day, kind, int(military), int(rank == -1), int(rank == 1), int(outside != "")])
            if rng.random() < 0.8:
                powell.append([name, country, *day, 2 if succeeded else 1, "invented"])
        cline.append([len(cline) + 1, country, name, 1970, 1, 1, "conspiracy", 1, 0, 0, 0])
    out.mkdir(parents=True, exist_ok=True)
    for name, header in files.items():
        with open(out / name, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(rows[name])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--countries", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    make(args.out, args.countries, args.seed)


if __name__ == "__main__":
    main()
