"""scenarios/bench.toml for Numba: one compiled loop plays round after round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. The loop
releases the interpreter's lock, so chunks of rounds run on threads, each with a generator of its own.

Left out, because nothing can read it: views, loyalties and stances once neither the council nor the
presidency can change hands and the president has held out or cannot; rallies but where they are weighed or
decide; clocks of actions that have reached their limit; and the rest of a round in which nothing that
is counted can happen any more. As long as views are read, everybody is present.
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

# Arena of each follower (0 coercion, 1 institutions) and his power there; all power together is 1 in
# each arena, so this is already his part of the whole.
ARENA = np.array([1, 0, 0, 0, 1, 1])
POWER = np.array([0.05, 0.20, 0.40, 0.36, 0.25, 0.30])
ARENA_WEIGHT = np.array([0.6, 0.4])
LEADER_POWER = np.array([0.02, 0.20])  # the patron and the president alike
OWN = ARENA_WEIGHT[ARENA] * POWER / (1.0 - POWER)  # what leaving him out does to the whole
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
MEMORY = -math.expm1(-DT / 10.0)
SHARPNESS = 8.0
RECONSIDER = 1.0 - math.exp(-1.0 * DT)
CROWD_HALF = 0.03
CROWD_PACE = 1.0 - math.exp(-0.8 * DT)
MOOD_KEEP = math.exp(-DT / 2.0)
STIRRED_MOOD = 0.05 * math.sqrt(2.0 * math.log(365.0 / 2.0))  # the highest of the past
MOOD_SD = 0.05 * math.sqrt(1.0 - MOOD_KEEP * MOOD_KEEP)
GRIEVANCE_FADE = 1.0 - math.exp(-0.05 * DT)
DECISION = 12.0
THRESHOLD_MEAN = 0.9
THRESHOLD_SD = 0.25
FIRST_MOVE = 0.15
NIGHT = 0.25
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
def target(x, grievance, mood, deterrence, left):
    seen = x / (x + CROWD_HALF)
    felt = grievance + CONTAGION * seen - repression(deterrence, x) + mood
    return min(max(phi((felt - THRESHOLD_MEAN) / THRESHOLD_SD) - left, 0.0), 1.0)


@compiled
def add_up(stance, support):
    """Support of each contender in each arena (rows 0 and 1) and over both (row 2)."""
    for k in range(2):
        support[k, 0] = LEADER_POWER[k]
        support[k, 1] = LEADER_POWER[k]
        support[k, 2] = 0.0
    for a in range(FOLLOWERS):
        for c in range(3):
            support[ARENA[a], c] += POWER[a] * stance[a, c]
    for c in range(3):
        support[2, c] = ARENA_WEIGHT[0] * support[0, c] + ARENA_WEIGHT[1] * support[1, c]


@compiled
def weigh_up(support, x, v):
    """What prospects are a power of, signals apart (7.2)."""
    v[0] = support[0] + PROSPECT_FLOOR
    v[1] = support[1] + PROSPECT_FLOOR
    v[2] = support[2] + 2.0 * x + PROSPECT_FLOOR


@compiled
def prospects(v, signal, blur, error, p):
    """Softmax of 1.5·(ln v + signal), and errors: a power of 1.5 needs no logarithm."""
    total = 0.0
    for c in range(3):
        p[c] = v[c] * math.sqrt(v[c]) * math.exp(PROSPECT_WEIGHT * signal[c] + blur * error[c])
        total += p[c]
    for c in range(3):
        p[c] /= total


@compiled
def see(support, x, signal, blur, stance, error, v, q):
    """Views of all followers, each without his own weight."""
    others = np.empty(3)
    for a in range(FOLLOWERS):
        for c in range(3):
            others[c] = support[2, c] + OWN[a] * (support[ARENA[a], c] - stance[a, c])
        weigh_up(others, x, v)
        prospects(v, signal, blur, error[a], q[a])


@compiled
def utilities(a, loyalty, view, council, x, utility):
    """Of each option, times sharpness."""
    o = OPPORTUNISM[a]
    for c in range(3):
        utility[c] = (1.0 - o) * loyalty[a, c] + o * view[c]
    utility[council] += COUNCIL[a]
    utility[1] += PRESIDENCY[a]
    utility[3] = CAUTION[a] + CAUTION_TURNOUT[a] * x
    for c in range(4):
        utility[c] *= SHARPNESS


@compiled
def edge(support, x, signal, loyalty, council, luck):
    """The formula `edge`: a contest of the rallies if the council were tried for now (7.5a)."""
    nothing = np.zeros(3)
    said = signal.copy()
    said[1] += FIRST_MOVE + luck
    private = np.empty((FOLLOWERS, 4))
    for a in range(FOLLOWERS):
        utilities(a, loyalty, nothing, council, x, private[a])
        private[a, 3] = math.exp(private[a, 3])
    rallied = support.copy()
    stance = np.empty((FOLLOWERS, 4))
    v = np.empty(3)
    p = np.empty(3)
    for _ in range(4):
        weigh_up(rallied[2], x, v)
        prospects(v, said, 0.0, nothing, p)
        for a in range(FOLLOWERS):
            total = private[a, 3]
            for c in range(3):
                stance[a, c] = math.exp(private[a, c] + SHARPNESS * OPPORTUNISM[a] * p[c])
                total += stance[a, c]
            for c in range(3):
                stance[a, c] /= total
        add_up(stance, rallied)
    return contest(rallied[2, 1], rallied[2, 0])


@compiled
def contest(a, b):
    return a * a / (a * a + b * b)


@compiled
def inclination(win, ambition, bond, x, buildings):
    wait = bond - 2.0 * x - 0.1 * buildings
    return 1.0 / (1.0 + math.exp(-DECISION * (win * ambition - (1.0 - win) * 1.2 - wait)))


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
    """Plays `rounds` rounds, adds up their counts, gives the sum of the days of their outcomes."""
    loyalty = np.empty((FOLLOWERS, 3))
    granted = np.empty((FOLLOWERS, 3))
    view = np.empty((FOLLOWERS, 3))
    error = np.empty((FOLLOWERS, 3))
    stance = np.empty((FOLLOWERS, 4))
    custom = np.empty((FOLLOWERS, 4))
    taste = np.empty(4)
    support = np.empty((3, 3))
    signal = np.empty(3)
    v = np.empty(3)
    v0 = np.empty(3)
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
            # All stand aside, but no body is of one mind.
            some = 0.0 if a == 0 else 0.001
            for c in range(3):
                stance[a, c] = some / (1.0 + 3.0 * some)
                error[a, c] = 0.0
            stance[a, 3] = 1.0 / (1.0 + 3.0 * some)
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
            x = target(x, grievance, 0.0, deterrence, 0.0)
        left = target(x, grievance, 0.0, deterrence, 0.0) - x
        add_up(stance, support)
        weigh_up(support[2], x, v0)
        see(support, x, signal, 0.0, stance, error, v, view)
        granted[:] = view
        for a in range(FOLLOWERS):
            utilities(a, loyalty, view[a], 0, x, utility)
            if a == 0:
                # As far below "aside" as tastes of somebody who is seen to stand aside put the others.
                total = 0.0
                for c in range(4):
                    total += math.exp(utility[c])
                for c in range(3):
                    chance = utility[c] - math.log(total) - taste[3]
                    below = chance - math.log(math.exp(chance) + math.exp(-taste[c]))
                    custom[0, c] = min(below, -0.001) - (utility[c] + taste[c])
                custom[0, 3] = -(utility[3] + taste[3])
            else:
                total = 0.0
                for c in range(4):
                    total += math.exp(utility[c])
                total = math.log(total)
                for c in range(4):
                    custom[a, c] = math.log(stance[a, c]) - utility[c] + total
        # He is known to have stayed in calm and in the highest mood of the past (7.7).
        stirred = x
        for _i in range(16):
            stirred = target(stirred, grievance, STIRRED_MOOD, deterrence, left)
        calm_win = edge(support, x, signal, loyalty, 0, 0.0)
        stirred_win = edge(support, stirred, signal, loyalty, 0, 0.0)
        stayed = max(
            inclination(calm_win, ambition, bond, x, 0),
            inclination(stirred_win, ambition, bond, stirred, 0),
        )
        disposition = stayed + (1.0 - stayed) * rng.random()
        resolved = False

        council = 0  # holder: 0 patron, 1 president
        presidency = 1  # holder: 0 patron, 1 president, 2 nobody
        open_break = False
        removed = False  # whether the president has been arrested
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

            minds = presidency == 1 and (
                not tried or not dismissed or (council == 1 and outcome < 0)
            )
            if minds:
                # Perceive
                weigh_up(support[2], x, v)
                new = 0.0
                for c in range(3):
                    new = max(new, abs(math.log(v[c] / v0[c]) + signal[c]))
                blur = PROSPECT_WEIGHT * NOISE * min(new, 1.0)
                if t % STEPS_A_DAY == 0:
                    for a in range(FOLLOWERS):
                        for c in range(3):
                            error[a, c] = rng.standard_normal()
                see(support, x, signal, blur, stance, error, v, view)
                for c in range(3):
                    signal[c] *= FADE

                # Drift
                for a in range(FOLLOWERS):
                    for c in range(3):
                        news = view[a, c] - granted[a, c]
                        moved = loyalty[a, c] + DRIFT * OPPORTUNISM[a] * news
                        loyalty[a, c] = min(max(moved, 0.0), 1.0)
                        granted[a, c] += MEMORY * news

                # Choose
                for a in range(FOLLOWERS):
                    if a == 0 and rng.random() >= RECONSIDER:
                        continue
                    utilities(a, loyalty, view[a], council, x, utility)
                    if not open_break:
                        for c in range(4):
                            utility[c] += custom[a, c]
                    if a == 0:
                        best = 0
                        highest = -1e30
                        for c in range(4):
                            stance[a, c] = 0.0
                            if utility[c] + taste[c] > highest:
                                highest = utility[c] + taste[c]
                                best = c
                        stance[a, best] = 1.0
                    else:
                        total = 0.0
                        for c in range(4):
                            utility[c] = math.exp(utility[c])
                            total += utility[c]
                        for c in range(4):
                            stance[a, c] += RECONSIDER * (utility[c] / total - stance[a, c])
                add_up(stance, support)

            # Mobilise
            mood = mood * MOOD_KEEP + MOOD_SD * rng.standard_normal()
            goal = target(x, grievance, mood, deterrence, left)
            ahead = x + CROWD_PACE * (goal - x)
            goal_ahead = target(ahead, grievance, mood, deterrence, left)
            x = min(max(x + CROWD_PACE * (0.5 * (goal + goal_ahead) - x), 0.0), 1.0)
            grievance += GRIEVANCE_FADE * (grievance0 - grievance)

            # Act: everything is read before anything takes effect; then clocks strike one after the
            # other. A gate that an event closes stays closed.
            concession_gate = x > 0.02 and not conceded and not removed
            building_gate = x > 0.01 and buildings < 3
            seize_gate = not tried and presidency == 1
            dismiss_gate = open_break and presidency == 1 and not dismissed
            storm_gate = x > 0.15 and not stormed
            concession_next = NEVER
            building_next = NEVER
            seize_next = NEVER
            dismiss_next = NEVER
            storm_next = NEVER
            building_before = building_clock
            building_fresh = not building_spell
            if seize_gate and t % STEPS_A_DAY == 0:
                win = edge(support, x, signal, loyalty, council, 0.0)
                resolved = inclination(win, ambition, bond, x, buildings) > disposition
            if concession_gate:
                concession_next = strike(concession_clock, concession_at, 0.5, not concession_spell, t)
                concession_clock += credit(0.5, not concession_spell, t)
            if building_gate:
                building_next = strike(building_before, building_at, 5.0 * x, building_fresh, t)
                building_clock += credit(5.0 * x, building_fresh, t)
            if seize_gate and resolved:
                # The gate holds from the start: no half step was missed.
                seize_next = strike(seize_clock, seize_at, 2.0, False, t)
                seize_clock += credit(2.0, False, t)
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
            while True:
                if presidency != 1:
                    seize_next = NEVER
                    dismiss_next = NEVER
                if removed:
                    concession_next = NEVER
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
                    luck = NIGHT * rng.standard_normal()
                    if rng.random() < edge(support, x, signal, loyalty, council, luck):
                        seized = True
                        council = 1
                        signal[1] += 0.5
                    else:
                        signal[1] -= 0.5
                elif dismiss_next == first:
                    dismiss_next = NEVER
                    dismissed = True
                    if rng.random() < contest(support[2, 0], support[2, 1]):
                        presidency = 0
                        removed = True
                        if outcome < 0:
                            outcome = PATRON_WINS
                            end = t + 1
                    else:
                        signal[1] += 0.3
                else:
                    storm_next = NEVER
                    stormed = True
                    presidency = 2
                    open_break = True
                    if outcome < 0:
                        outcome = STREET_WINS
                        end = t + 1

            # Settle
            if minds and council == 1 and support[2, 1] > 0.6:
                run += 1
                if run > HOLD_STEPS and outcome < 0:
                    outcome = PRESIDENT_WINS
                    end = t + 1
            else:
                run = 0
            if (
                outcome >= 0
                and (conceded or removed)
                and buildings > 0  # of these the first is counted
                and stormed
                and (presidency != 1 or (tried and dismissed))
            ):
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
