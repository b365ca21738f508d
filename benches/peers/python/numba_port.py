"""scenarios/bench.toml for Numba: one compiled loop plays round after round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. The loop
releases the interpreter's lock, so chunks of rounds run on threads, each with a generator of its own.

Left out, because nothing can read it: views and Choose before the open break (`reconsider` is
`open_break`, so nobody moves), backing once the council has been tried for (only `seize` and, once,
`dismiss` read it), clocks of actions that have reached their limit, and presence (the one effect on it
comes with an outcome that ends the round in the same step).
"""

import argparse
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
from numba import njit

OUTCOMES = ("street_wins", "patron_wins", "president_wins", "nothing", "undecided")
FLAGS = ("seized", "building_lost")
ACTIONS = ("shock", "concession", "building", "seize", "dismiss", "storm")
STREET_WINS, PATRON_WINS, PRESIDENT_WINS, NOTHING, UNDECIDED = range(5)

# Contenders 0 patron, 1 president, 2 street; option 3 is aside. Followers, the actors that choose:
# 0 chief (a person), 1 service, 2 police, 3 army, 4 party, 5 officials (bodies).
FOLLOWERS = 6

DT = 0.25
STEPS = 120
STEPS_A_DAY = 4
SHOCK_STEP = 4
HOLD_STEPS = 20  # 5 days

# Power of each follower over all arenas, 0.6 coercion + 0.4 institutions; all power together is 1
# in each arena, so this is already his part of the whole.
WEIGHT = np.array([
    0.4 * 0.05, 0.6 * 0.20, 0.6 * 0.40, 0.6 * 0.36, 0.4 * 0.25, 0.4 * 0.30,
])
LEADER_WEIGHT = 0.6 * 0.02 + 0.4 * 0.20  # the patron and the president alike
OPPORTUNISM = np.array([0.5, 0.5, 0.5, 0.5, 0.8, 0.8])
CAUTION = np.array([0.5, 0.5, 0.45, 0.55, 0.5, 0.5])
CAUTION_TURNOUT = np.array([0.0, 0.0, 0.6, 0.6, 0.0, 0.0])
COUNCIL = np.array([0.10, 0.15, 0.10, 0.10, 0.0, 0.0])  # authority of the office
PRESIDENCY = np.array([0.0, 0.0, 0.10, 0.10, 0.0, 0.15])
# PERT priors of loyalty, low, mode and high, to the patron and to the president.
LOYALTY = np.array([
    [[0.3, 0.5, 0.7], [0.1, 0.3, 0.5]],
    [[0.3, 0.5, 0.7], [0.1, 0.3, 0.5]],
    [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]],
    [[0.1, 0.3, 0.5], [0.2, 0.4, 0.6]],
    [[0.3, 0.5, 0.7], [0.2, 0.4, 0.6]],
    [[0.2, 0.4, 0.6], [0.3, 0.5, 0.7]],
])
LOYALTY_STREET = np.array([0.0, 0.0, 0.1, 0.1, 0.0, 0.0])

PROSPECT_WEIGHT = 1.5
PROSPECT_FLOOR = 0.03
NOISE = 0.35
FADE = math.exp(-math.log(2.0) * DT / 3.0)
DRIFT = 0.05 * DT
DIFFUSION = 0.002 * math.sqrt(DT)
SHARPNESS = 8.0
RECONSIDER = 1.0 - math.exp(-1.0 * DT)
CROWD_HALF = 0.03
CROWD_PACE = 1.0 - math.exp(-0.8 * DT)
MOOD_KEEP = math.exp(-DT / 2.0)
MOOD_SD = 0.05 * math.sqrt(1.0 - MOOD_KEEP * MOOD_KEEP)
GRIEVANCE_FADE = 1.0 - math.exp(-0.05 * DT)
DECISION = 12.0
THRESHOLD_MEAN = 0.9
THRESHOLD_SD = 0.25
NEVER = 9.0  # a time after every step: `fastmath` knows no infinity
CONTAGION = 0.15

# Rearranged sums (`fastmath`) change no distribution; the test of run.py holds with them.
compiled = njit(nogil=True, fastmath=True, error_model="numpy")


@compiled
def pert(rng, low, mode, high):
    alpha = 1.0 + 4.0 * (mode - low) / (high - low)
    beta = 1.0 + 4.0 * (high - mode) / (high - low)
    return low + (high - low) * rng.beta(alpha, beta)


@compiled
def phi(x):
    """The normal distribution function in the form of 7.9, which is faster here than `erfc`."""
    j = abs(x)
    tau = 1.0 / (1.0 + 0.2316419 * j)
    tail = 1.330274429 * tau
    tail = (tail - 1.821255978) * tau
    tail = (tail + 1.781477937) * tau
    tail = (tail - 0.356563782) * tau
    tail = (tail + 0.319381530) * tau
    tail *= 0.39894228 * math.exp(-0.5 * j * j)
    return tail if x < 0.0 else 1.0 - tail


@compiled
def repression(deterrence, x):
    return deterrence / (1.0 + 5.0 * x)


@compiled
def target(x, grievance, mood, deterrence):
    seen = x / (x + CROWD_HALF)
    felt = grievance + CONTAGION * seen - repression(deterrence, x) + mood
    return phi((felt - THRESHOLD_MEAN) / THRESHOLD_SD)


@compiled
def edge(loyalty, council):
    """The formula `edge`: a contest of what private loyalty would give (7.5)."""
    patron = LEADER_WEIGHT
    president = LEADER_WEIGHT
    for a in range(FOLLOWERS):
        # Loyalty and authority are bounded, so the softmax needs no guard against overflow.
        held = SHARPNESS * COUNCIL[a]
        e0 = math.exp(SHARPNESS * loyalty[a, 0] + (held if council == 0 else 0.0))
        e1 = math.exp(
            SHARPNESS * (loyalty[a, 1] + PRESIDENCY[a]) + (held if council == 1 else 0.0)
        )
        e2 = math.exp(SHARPNESS * loyalty[a, 2])
        share = WEIGHT[a] / (e0 + e1 + e2)
        patron += share * e0
        president += share * e1
    return president * president / (president * president + patron * patron)


@compiled
def inclination(win, ambition, bond, x, buildings):
    wait = bond - 2.0 * x - 0.1 * buildings
    return 1.0 / (1.0 + math.exp(-DECISION * (win * ambition - (1.0 - win) * 1.2 - wait)))


@compiled
def prospects(support, x, signal, f, p):
    total = 0.0
    for c in range(3):
        momentum = 2.0 * x if c == 2 else 0.0
        f[c] = math.log(max(support[c] + momentum, 0.0) + PROSPECT_FLOOR) + signal[c]
        p[c] = math.exp(PROSPECT_WEIGHT * f[c])
        total += p[c]
    for c in range(3):
        p[c] /= total


@compiled
def credit(rate, fresh, t):
    """What a clock gains in a step: one step and a half in the first of a spell (7.7)."""
    return (1.5 if fresh and t > 0 else 1.0) * max(rate, 0.0) * DT


@compiled
def strike(clock, at, rate, fresh, t):
    """When in the step a clock reaches its threshold, in steps; `NEVER` if it does not."""
    if clock + credit(rate, fresh, t) < at:
        return NEVER
    return (at - clock) / (max(rate, 0.0) * DT) - (0.5 if fresh and t > 0 else 0.0)


@compiled
def play(rng, rounds, outcomes, flags, actions):
    """Plays `rounds` rounds, adds up their counts, gives the sum of the days they lasted."""
    loyalty = np.empty((FOLLOWERS, 3))
    stance = np.empty((FOLLOWERS, 4))
    noise = np.empty((FOLLOWERS, 3))
    taste = np.empty(4)
    support = np.empty(3)
    signal = np.empty(3)
    f = np.empty(3)
    p = np.empty(3)
    p0 = np.empty(3)
    news = np.empty(3)
    utility = np.empty(4)
    days = 0.0

    for _ in range(rounds):
        # Initialise (section 5).
        shock = pert(rng, 0.20, 0.40, 0.60)
        ambition = pert(rng, 0.50, 0.80, 1.10)
        deterrence = pert(rng, 0.15, 0.25, 0.40)
        bond = pert(rng, 0.1, 0.3, 0.6)
        grievance0 = pert(rng, 0.15, 0.25, 0.35)
        for a in range(FOLLOWERS):
            for c in range(2):
                law = LOYALTY[a, c]
                loyalty[a, c] = pert(rng, law[0], law[1], law[2])
            loyalty[a, 2] = LOYALTY_STREET[a]
            for c in range(3):
                stance[a, c] = 0.0
            stance[a, 3] = 1.0
        # Before the break all but the two leaders stand aside.
        support[0] = LEADER_WEIGHT
        support[1] = LEADER_WEIGHT
        support[2] = 0.0
        for c in range(3):
            signal[c] = 0.0
        for c in range(4):
            taste[c] = -math.log(rng.standard_exponential())  # Gumbel
        concession_at = rng.standard_exponential()
        building_at = rng.standard_exponential()
        seize_at = rng.standard_exponential()
        dismiss_at = rng.standard_exponential()
        storm_at = rng.standard_exponential()
        concession_clock = 0.0
        building_clock = 0.0
        seize_clock = 0.0
        dismiss_clock = 0.0
        storm_clock = 0.0
        concession_spell = False
        building_spell = False
        seize_spell = False
        dismiss_spell = False
        storm_spell = False

        grievance = grievance0
        mood = 0.0
        x = 0.0
        for _i in range(16):
            x = phi((grievance - repression(deterrence, x) - THRESHOLD_MEAN) / THRESHOLD_SD)
        prospects(support, x, signal, f, p0)
        win = edge(loyalty, 0)
        start = inclination(win, ambition, bond, x, 0)

        council = 0  # holder: 0 patron, 1 president
        presidency = 1  # holder: 0 patron, 1 president, 2 nobody
        open_break = False
        drawn = False  # whether today's noise of the views has been drawn
        shocked = False
        conceded = False
        buildings = 0
        tried = False
        seized = False
        dismissed = False
        stormed = False
        run = 0
        outcome = -1
        end = STEPS

        for t in range(STEPS):
            # Schedule
            if t == SHOCK_STEP:
                grievance += shock
                shocked = True

            # Perceive
            prospects(support, x, signal, f, p)
            for c in range(3):
                signal[c] *= FADE
            if open_break and (t % STEPS_A_DAY == 0 or not drawn):
                for a in range(FOLLOWERS):
                    for c in range(3):
                        noise[a, c] = NOISE * rng.standard_normal()
                drawn = True

            # Drift
            for c in range(3):
                news[c] = DRIFT * (p[c] - p0[c])
            for a in range(FOLLOWERS):
                for c in range(3):
                    moved = (
                        loyalty[a, c]
                        + OPPORTUNISM[a] * news[c]
                        + DIFFUSION * rng.standard_normal()
                    )
                    loyalty[a, c] = min(max(moved, 0.0), 1.0)

            # Choose
            if open_break:
                support[0] = LEADER_WEIGHT
                support[1] = LEADER_WEIGHT
                support[2] = 0.0
                for a in range(FOLLOWERS):
                    total = 0.0
                    for c in range(3):
                        utility[c] = math.exp(PROSPECT_WEIGHT * (f[c] + noise[a, c]))
                        total += utility[c]
                    o = OPPORTUNISM[a]
                    for c in range(3):
                        utility[c] = (1.0 - o) * loyalty[a, c] + o * utility[c] / total
                    utility[council] += COUNCIL[a]
                    utility[1] += PRESIDENCY[a]
                    utility[3] = CAUTION[a] + CAUTION_TURNOUT[a] * x
                    if a == 0:
                        if rng.random() < RECONSIDER:
                            best = 0
                            highest = -1e30
                            for c in range(4):
                                value = SHARPNESS * utility[c] + taste[c]
                                stance[a, c] = 0.0
                                if value > highest:
                                    highest = value
                                    best = c
                            stance[a, best] = 1.0
                    else:
                        total = 0.0
                        for c in range(4):
                            utility[c] = math.exp(SHARPNESS * utility[c])
                            total += utility[c]
                        for c in range(4):
                            stance[a, c] += RECONSIDER * (utility[c] / total - stance[a, c])
                    for c in range(3):
                        support[c] += WEIGHT[a] * stance[a, c]

            # Mobilise
            mood = mood * MOOD_KEEP + MOOD_SD * rng.standard_normal()
            goal = target(x, grievance, mood, deterrence)
            ahead = x + CROWD_PACE * (goal - x)
            goal_ahead = target(ahead, grievance, mood, deterrence)
            x = min(max(x + CROWD_PACE * (0.5 * (goal + goal_ahead) - x), 0.0), 1.0)
            grievance += GRIEVANCE_FADE * (grievance0 - grievance)

            # Act: everything is read before anything takes effect; then clocks strike one after the
            # other, until one decides the round. No other event closes a gate.
            concession_gate = x > 0.02 and not conceded
            building_gate = x > 0.01 and buildings < 3
            dismiss_gate = open_break and presidency == 1 and not dismissed
            storm_gate = x > 0.15 and not stormed
            concession_next = NEVER
            building_next = NEVER
            seize_next = NEVER
            dismiss_next = NEVER
            storm_next = NEVER
            building_before = building_clock
            building_fresh = not building_spell
            if not tried:
                win = edge(loyalty, council)
                gained = inclination(win, ambition, bond, x, buildings) - start
            if concession_gate:
                concession_next = strike(concession_clock, concession_at, 0.5, not concession_spell, t)
                concession_clock += credit(0.5, not concession_spell, t)
            if building_gate:
                building_next = strike(building_before, building_at, 5.0 * x, building_fresh, t)
                building_clock += credit(5.0 * x, building_fresh, t)
            if not tried:
                # The gate holds from the start: both leaders keep their offices till then.
                seize_next = strike(seize_clock, seize_at, 2.0 * gained, not seize_spell, t)
                seize_clock += credit(2.0 * gained, not seize_spell, t)
                seize_spell = True
            if dismiss_gate:
                dismiss_next = strike(dismiss_clock, dismiss_at, 0.1, not dismiss_spell, t)
                dismiss_clock += credit(0.1, not dismiss_spell, t)
            if storm_gate:
                storm_next = strike(storm_clock, storm_at, 2.0 * x, not storm_spell, t)
                storm_clock += credit(2.0 * x, not storm_spell, t)
            concession_spell = concession_gate
            building_spell = building_gate
            dismiss_spell = dismiss_gate
            storm_spell = storm_gate
            while presidency == 1:
                first = min(concession_next, building_next, seize_next, dismiss_next, storm_next)
                if first == NEVER:
                    break
                if concession_next == first:
                    concession_next = NEVER
                    conceded = True
                    grievance -= 0.1
                elif building_next == first:
                    buildings += 1
                    building_at += rng.standard_exponential()
                    building_next = NEVER
                    if buildings < 3:
                        building_next = strike(
                            building_before, building_at, 5.0 * x, building_fresh, t
                        )
                    signal[1] -= 0.1
                    signal[2] += 0.05
                elif seize_next == first:
                    seize_next = NEVER
                    tried = True
                    open_break = True
                    if rng.random() < win:
                        seized = True
                        council = 1
                        signal[1] += 0.5
                    else:
                        signal[1] -= 0.5
                elif dismiss_next == first:
                    dismiss_next = NEVER
                    dismissed = True
                    if rng.random() < 1.0 - edge(loyalty, council):
                        presidency = 0
                    else:
                        signal[1] += 0.3
                else:
                    storm_next = NEVER
                    stormed = True
                    presidency = 2
                    open_break = True

            # Settle
            if presidency == 2:
                outcome = STREET_WINS
            elif presidency == 0:
                outcome = PATRON_WINS
            elif council == 1 and support[1] > 0.6:
                run += 1
                if run > HOLD_STEPS:
                    outcome = PRESIDENT_WINS
            else:
                run = 0
            if outcome >= 0:
                end = t + 1
                break

        if outcome < 0:
            outcome = UNDECIDED if open_break else NOTHING
        outcomes[outcome] += 1
        days += end * DT
        flags[0] += seized
        flags[1] += buildings > 0
        actions[0] += shocked
        actions[1] += conceded
        actions[2] += buildings > 0
        actions[3] += tried
        actions[4] += dismissed
        actions[5] += stormed
    return days


def chunk(seed, rounds):
    rng = np.random.Generator(np.random.SFC64(seed))
    counts = [np.zeros(len(ids), np.int64) for ids in (OUTCOMES, FLAGS, ACTIONS)]
    days = play(rng, rounds, *counts)
    return counts, days


def main():
    parser = argparse.ArgumentParser(description="bench.toml of kzsim in Numba")
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    chunk(0, 1)  # compiles

    # Several chunks a thread, so that threads end at about the same time.
    parts = args.threads * 8 if args.threads > 1 else 1
    sizes = [args.rounds // parts + (i < args.rounds % parts) for i in range(parts)]
    seeds = np.random.SeedSequence(args.seed).spawn(parts)
    with ThreadPoolExecutor(args.threads) as pool:
        begin = time.perf_counter()
        played = list(pool.map(chunk, seeds, sizes))
        seconds = time.perf_counter() - begin

    totals = [sum(counts[i] for counts, _ in played).tolist() for i in range(3)]
    print(json.dumps({
        "tool": "Numba",
        "version": numba.__version__,
        "rounds": args.rounds,
        "threads": args.threads,
        "seconds": seconds,
        "outcomes": dict(zip(OUTCOMES, totals[0])),
        "flags": dict(zip(FLAGS, totals[1])),
        "actions": dict(zip(ACTIONS, totals[2])),
        "mean_days": sum(days for _, days in played) / args.rounds,
    }))


if __name__ == "__main__":
    main()
