"""scenarios/bench.toml for NumPy: all rounds of a batch side by side, one column a round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. All arrays
are float32, the model's own precision, which halves memory traffic and doubles the width of `exp`.

Columns are kept in order: first the calm rounds (no open break yet), then the broken ones, and what
has ended is dropped. So each part of the model runs on the rounds that need it and on no other:
backing and the decision to seize on the calm ones, views and Choose on the broken ones (before the
break `reconsider` is 0 and nobody moves). Few rounds change group in a step, so a few columns are
swapped instead of copying the whole state.

Also left out, because nothing can read it: clocks of actions that have reached their limit (their
threshold becomes infinite) and presence (the one effect on it comes with an outcome that ends the
round in the same step).
"""

import argparse
import json
import math
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

OUTCOMES = ("street_wins", "patron_wins", "president_wins", "nothing", "undecided")
FLAGS = ("seized", "building_lost")
ACTIONS = ("shock", "concession", "building", "seize", "dismiss", "storm")

BATCH = 32768  # measured: smaller ones pay for the interpreter, larger ones leave the cache
F = np.float32

DT = 0.25
STEPS = 120
STEPS_A_DAY = 4
SHOCK_STEP = 4
HOLD_STEPS = 20  # 5 days


def column(*values):
    return np.array(values, F)[:, None]


# Followers, the actors that choose: chief (a person), service, police, army, party, officials
# (bodies). Power over all arenas, 0.6 coercion + 0.4 institutions; all power together is 1 in each
# arena, so this is already a follower's part of the whole.
WEIGHT = np.array([
    0.4 * 0.05, 0.6 * 0.20, 0.6 * 0.40, 0.6 * 0.36, 0.4 * 0.25, 0.4 * 0.30,
], F)
LEADER_WEIGHT = 0.6 * 0.02 + 0.4 * 0.20  # the patron and the president alike
OPPORTUNISM = column(0.5, 0.5, 0.5, 0.5, 0.8, 0.8)
CAUTION = column(0.5, 0.5, 0.45, 0.55, 0.5, 0.5)
CAUTION_TURNOUT = column(0.0, 0.0, 0.6, 0.6, 0.0, 0.0)
COUNCIL = column(0.10, 0.15, 0.10, 0.10, 0.0, 0.0)  # authority of the office
PRESIDENCY = column(0.0, 0.0, 0.10, 0.10, 0.0, 0.15)
# Loyalty at the start: contender, follower; all PERT priors of it are symmetric and 0.4 wide.
LOYALTY_LOW = np.array([
    [0.3, 0.3, 0.1, 0.1, 0.3, 0.2],
    [0.1, 0.1, 0.2, 0.2, 0.2, 0.3],
], F)[:, :, None]
LOYALTY_STREET = column(0.0, 0.0, 0.1, 0.1, 0.0, 0.0)

PROSPECT_WEIGHT = F(1.5)
PROSPECT_FLOOR = F(0.03)
NOISE = F(0.35)
FADE = F(math.exp(-math.log(2.0) * DT / 3.0))
DRIFT = F(0.05 * DT)
DIFFUSION = F(0.002 * math.sqrt(DT))
SHARPNESS = F(8.0)
RECONSIDER = F(1.0 - math.exp(-1.0 * DT))
CROWD_HALF = F(0.03)
CROWD_PACE = F(1.0 - math.exp(-0.8 * DT))
MOOD_KEEP = F(math.exp(-DT / 2.0))
MOOD_SD = F(0.05 * math.sqrt(1.0 - math.exp(-DT / 2.0) ** 2))
GRIEVANCE_FADE = F(1.0 - math.exp(-0.05 * DT))
DECISION = F(12.0)
THRESHOLD_MEAN = F(0.9)
THRESHOLD_SD = F(0.25)
CONTAGION = F(0.15)

# Authority while both leaders hold their offices: contender, follower.
CALM_AUTHORITY = SHARPNESS * np.stack([COUNCIL, PRESIDENCY, np.zeros((6, 1), F)])


class Rows:
    """Which rows of the state hold what."""

    loyalty = slice(0, 18)  # contender by follower
    stance = slice(18, 36)
    noise = slice(36, 54)
    support = slice(54, 57)
    signal = slice(57, 60)
    prospects0 = slice(60, 63)
    taste = slice(63, 67)
    (
        grievance, grievance0, mood, turnout, shock, ambition, deterrence, bond, start, council,
        buildings, run, concession, concession_at, building, building_at, seize, seize_at, dismiss,
        dismiss_at, storm, storm_at, ended,
    ) = range(67, 90)
    count = 90


def phi(x):
    """The normal distribution function in the form of 7.9."""
    j = np.abs(x)
    tau = 1 / (1 + F(0.2316419) * j)
    tail = F(1.330274429) * tau
    for c in (-1.821255978, 1.781477937, -0.356563782, 0.319381530):
        tail += F(c)
        tail *= tau
    j *= j
    j *= F(-0.5)
    tail *= np.exp(j, out=j)
    tail *= F(0.39894228)
    return np.where(x < 0, tail, 1 - tail)


def repression(deterrence, x):
    return deterrence / (1 + 5 * x)


def target(x, pull, deterrence):
    seen = x / (x + CROWD_HALF)
    felt = pull + CONTAGION * seen - repression(deterrence, x)
    return phi(felt / THRESHOLD_SD)


def contest(patron, president):
    patron = patron * patron
    president = president * president
    return president / (president + patron)


def edge(loyalty, authority, scratch):
    """The formula `edge`: a contest of what private loyalty would give (7.5)."""
    # Loyalty and authority are bounded, so the softmax needs no guard against overflow.
    e = scratch[: loyalty.size].reshape(loyalty.shape)
    np.multiply(loyalty, SHARPNESS, out=e)
    e += authority
    np.exp(e, out=e)
    share = e[0] + e[1]
    share += e[2]
    e[:2] /= share
    backing = WEIGHT @ e[:2]
    backing += F(LEADER_WEIGHT)
    return contest(backing[0], backing[1])


def inclination(win, ambition, bond, x, buildings):
    wait = bond - 2 * x - F(0.1) * buildings
    return 1 / (1 + np.exp(-DECISION * (win * ambition - (1 - win) * F(1.2) - wait)))


def prospects(support, x, signal):
    f = support.copy()
    f[2] += 2 * x
    f += PROSPECT_FLOOR  # support and turnout are never below 0
    np.log(f, out=f)
    f += signal
    p = np.exp(PROSPECT_WEIGHT * f)
    p /= p[0] + p[1] + p[2]
    return f, p


def pert(rng, low, mode, high, size):
    alpha = 1 + 4 * (mode - low) / (high - low)
    beta = 1 + 4 * (high - mode) / (high - low)
    return low + (high - low) * rng.beta(alpha, beta, size)


def normals(rng, sd, out):
    """Fills `out` by Box and Muller: four vector functions are faster than `standard_normal`, which
    goes number by number."""
    half = (out.size + 1) // 2
    rest = out.size - half
    u = rng.random((2, half), dtype=F)
    radius, angle = u
    np.subtract(1, radius, out=radius)
    np.log(radius, out=radius)
    radius *= -2 * sd * sd
    np.sqrt(radius, out=radius)
    angle *= F(2 * math.pi)
    np.cos(angle, out=out[:half])
    np.sin(angle[:rest], out=out[half:])
    out[:half] *= radius
    out[half:] *= radius[:rest]


def fires(gate, fresh, rate, clock, at, t):
    """Runs a clock for a step; the first step of a spell counts one and a half (7.7). Says where it
    strikes, and gives a function of where, that says when in the step, in steps."""
    gained = rate * gate
    if t > 0:
        gained += F(0.5) * (gained * fresh)
    clock += gained

    def when(hit):
        lead = F(0.5) * fresh[hit] if t > 0 else F(0)
        return (1 + lead) * (1 - (clock[hit] - at[hit]) / gained[hit]) - lead

    return np.flatnonzero(gate & (clock >= at)), when


def swap_out(state, leaving, n):
    """Moves the columns `leaving` of the first `n` behind the others of them."""
    n -= len(leaving)
    from_front = leaving[leaving < n]
    if len(from_front):
        stays = np.ones(len(leaving), bool)
        stays[leaving[leaving >= n] - n] = False
        from_back = np.flatnonzero(stays) + n
        kept = state[:, from_back]
        state[:, from_back] = state[:, from_front]
        state[:, from_front] = kept
    return n


def play_batch(rng, n, state, scratch, outcomes, flags, actions):
    """Plays `n` rounds, adds up their counts, gives the sum of the days they lasted."""
    r = Rows
    days = 0.0

    # Initialise (section 5).
    s = state[:, :n]
    s[r.stance.start :] = 0
    loyalty = s[r.loyalty].reshape(3, 6, n)
    loyalty[:2] = rng.beta(3.0, 3.0, (2, 6, n))
    loyalty[:2] *= F(0.4)
    loyalty[:2] += LOYALTY_LOW
    loyalty[2] = LOYALTY_STREET
    s[r.shock] = pert(rng, 0.20, 0.40, 0.60, n)
    s[r.ambition] = pert(rng, 0.50, 0.80, 1.10, n)
    s[r.deterrence] = pert(rng, 0.15, 0.25, 0.40, n)
    s[r.bond] = pert(rng, 0.1, 0.3, 0.6, n)
    s[r.grievance0] = s[r.grievance] = pert(rng, 0.15, 0.25, 0.35, n)
    s[r.support.start : r.support.start + 2] = LEADER_WEIGHT
    s[r.taste] = -np.log(rng.standard_exponential((4, n)))
    for at in (r.concession_at, r.building_at, r.seize_at, r.dismiss_at, r.storm_at):
        s[at] = rng.standard_exponential(n, dtype=F)
    x = s[r.turnout]
    for _ in range(16):
        felt = s[r.grievance] - repression(s[r.deterrence], x) - THRESHOLD_MEAN
        x[:] = phi(felt / THRESHOLD_SD)
    s[r.prospects0] = prospects(s[r.support], x, s[r.signal])[1]
    win = edge(loyalty, CALM_AUTHORITY, scratch[0])
    s[r.start] = inclination(win, s[r.ambition], s[r.bond], x, s[r.buildings])

    calm = n
    for t in range(STEPS):
        s = state[:, :n]
        b = state[:, calm:n]
        x = s[r.turnout]
        grievance = s[r.grievance]
        signal = s[r.signal]
        loyalty = s[r.loyalty].reshape(3, 6, n)
        broken = n - calm

        # Schedule
        if t == SHOCK_STEP:
            grievance += s[r.shock]
            actions[0] += n

        # Perceive
        f, p = prospects(s[r.support], x, signal)
        signal *= FADE
        if broken and t % STEPS_A_DAY == 0:
            z = scratch[0][: 18 * broken]
            normals(rng, NOISE, z)
            b[r.noise] = z.reshape(18, broken)

        # Drift
        p -= s[r.prospects0]
        p *= DRIFT
        z = scratch[0][: 18 * n]
        normals(rng, DIFFUSION, z)
        z = z.reshape(3, 6, n)
        news = scratch[1][: 18 * n].reshape(3, 6, n)
        np.multiply(p[:, None, :], OPPORTUNISM, out=news)
        loyalty += news
        loyalty += z
        np.clip(loyalty, F(0), F(1), out=loyalty)

        # Choose
        if broken:
            held = b[r.council]
            q = scratch[0][: 18 * broken].reshape(3, 6, broken)
            np.add(b[r.noise].reshape(3, 6, broken), f[:, None, calm:], out=q)
            q *= PROSPECT_WEIGHT
            np.exp(q, out=q)
            total = q[0] + q[1]
            total += q[2]
            np.divide(OPPORTUNISM, total, out=total)
            q *= total
            private = scratch[1][: 18 * broken].reshape(3, 6, broken)
            np.multiply(loyalty[:, :, calm:], 1 - OPPORTUNISM, out=private)
            q += private
            q[0] += COUNCIL * (1 - held)
            q[1] += COUNCIL * held
            q[1] += PRESIDENCY
            q *= SHARPNESS
            aside = CAUTION_TURNOUT * x[calm:]
            aside += CAUTION
            aside *= SHARPNESS
            stance = b[r.stance].reshape(3, 6, broken)

            moves = np.flatnonzero(rng.random(broken, dtype=F) < RECONSIDER)
            liked = np.concatenate([q[:, 0, moves], aside[0:1, moves]])
            liked += b[r.taste][:, moves]
            side = liked.argmax(axis=0)
            stance[:, 0, moves] = side == np.arange(3)[:, None]

            e = np.exp(q[:, 1:], out=q[:, 1:])
            total = np.exp(aside[1:], out=aside[1:])
            total += e[0]
            total += e[1]
            total += e[2]
            np.divide(RECONSIDER, total, out=total)
            e *= total
            stance[:, 1:] *= 1 - RECONSIDER
            stance[:, 1:] += e
            support = WEIGHT @ stance
            support[:2] += F(LEADER_WEIGHT)
            b[r.support] = support

        # Mobilise
        mood = s[r.mood]
        z = scratch[0][:n]
        normals(rng, MOOD_SD, z)
        mood *= MOOD_KEEP
        mood += z
        deterrence = s[r.deterrence]
        pull = grievance + mood - THRESHOLD_MEAN
        before = x.copy()
        goal = target(x, pull, deterrence)
        ahead = x + CROWD_PACE * (goal - x)
        goal += target(ahead, pull, deterrence)
        x += CROWD_PACE * (F(0.5) * goal - x)  # a mean of shares: it needs no clamp
        grievance += GRIEVANCE_FADE * (s[r.grievance0] - grievance)

        # Act: everything is read before anything takes effect. Turnout moves in Mobilise alone, so
        # a gate on it was closed a step ago where turnout was not above its level before this step.
        if calm:
            c = state[:, :calm]
            calm_win = edge(loyalty[:, :, :calm], CALM_AUTHORITY, scratch[0])
            gained = inclination(calm_win, c[r.ambition], c[r.bond], x[:calm], c[r.buildings])
            gained -= c[r.start]
            gained *= F(2 * DT)  # the gate holds from the start: no half step was missed
            np.maximum(gained, F(0), out=gained)

        # Clocks strike one after the other, until one decides the round: a storm, or a dismissal that
        # succeeds. No other event closes a gate.
        stormed, when = fires(x > F(0.15), before <= F(0.15), F(2 * DT) * x, s[r.storm],
                              s[r.storm_at], t)
        over = np.full(n, F(9))
        over[stormed] = when(stormed)

        if broken:
            # The gate opens in the step after the break and stays open.
            b[r.dismiss] += F(0.1 * DT)
            hit = np.flatnonzero(b[r.dismiss] >= b[r.dismiss_at])
            if len(hit):
                time = (b[r.dismiss_at, hit] - b[r.dismiss, hit]) / F(0.1 * DT) + 1
                sooner = time < over[calm + hit]
                hit, time = hit[sooner], time[sooner]
            if len(hit):
                k = len(hit)
                held = b[r.council, hit]
                authority = np.stack([
                    COUNCIL * (1 - held), COUNCIL * held + PRESIDENCY, np.zeros((6, k), F),
                ])
                win = edge(
                    b[r.loyalty][:, hit].reshape(3, 6, k), SHARPNESS * authority, scratch[0]
                )
                done = rng.random(k, dtype=F) < 1 - win
                b[r.dismiss_at, hit] = np.inf
                b[r.signal.start + 1, hit[~done]] += F(0.3)
                b[r.ended, hit[done]] = 2
                over[calm + hit[done]] = time[done]
                actions[4] += k

        stormed = stormed[s[r.ended, stormed] == 0]
        s[r.ended, stormed] = 1
        actions[5] += len(stormed)

        hit, when = fires(x > F(0.02), before <= F(0.02), F(0.5 * DT), s[r.concession],
                          s[r.concession_at], t)
        hit = hit[when(hit) < over[hit]]
        grievance[hit] -= F(0.1)
        s[r.concession_at, hit] = np.inf
        actions[1] += len(hit)

        hit, when = fires(x > F(0.01), before <= F(0.01), F(5 * DT) * x, s[r.building],
                          s[r.building_at], t)
        hit = hit[when(hit) < over[hit]]
        while len(hit):
            first = s[r.buildings, hit] == 0
            actions[2] += int(first.sum())
            signal[1, hit] -= F(0.1)
            signal[2, hit] += F(0.05)
            s[r.buildings, hit] += 1
            s[r.building_at, hit] += rng.standard_exponential(len(hit), dtype=F)
            s[r.building_at, hit[s[r.buildings, hit] >= 3]] = np.inf
            hit = hit[s[r.building, hit] >= s[r.building_at, hit]]
            hit = hit[when(hit) < over[hit]]

        tries = np.empty(0, int)
        if calm:
            c[r.seize] += gained
            tries = np.flatnonzero(c[r.seize] >= c[r.seize_at])
            time = 1 - (c[r.seize, tries] - c[r.seize_at, tries]) / gained[tries]
            tries = tries[time < over[tries]]
            won = rng.random(len(tries), dtype=F) < calm_win[tries]
            c[r.council, tries] = won
            c[r.signal.start + 1, tries] += np.where(won, F(0.5), F(-0.5))
            actions[3] += len(tries)
            flags[0] += int(won.sum())

        # Settle
        if broken:
            run = b[r.run]
            run += 1
            run *= (b[r.council] == 1) & (b[r.support.start + 1] > F(0.6))
            b[r.ended, (run > HOLD_STEPS) & (b[r.ended] == 0)] = 3

        # Rounds that break or end leave the calm ones.
        leaving = np.union1d(tries, stormed[stormed < calm])
        if len(leaving):
            was = calm
            calm = swap_out(state, leaving, calm)
            new = state[:, calm:was]
            new[r.dismiss] = F(0.5 * 0.1 * DT)  # the half step of the spell to come
            if (t + 1) % STEPS_A_DAY:
                # Views are read from the next step on, on this same day.
                z = np.empty(18 * (was - calm), F)
                normals(rng, NOISE, z)
                new[r.noise] = z.reshape(18, was - calm)
        ended = state[r.ended, calm:n]
        gone = np.flatnonzero(ended)
        if len(gone):
            counts = np.bincount(ended[gone].astype(int), minlength=4)
            for outcome in range(3):
                outcomes[outcome] += int(counts[outcome + 1])
            days += len(gone) * (t + 1) * DT
            n = calm + swap_out(state[:, calm:n], gone, n - calm)
            if n == 0:
                break

    outcomes[3] += calm
    outcomes[4] += n - calm
    return days + n * STEPS * DT


def chunk(seed, rounds):
    rng = np.random.Generator(np.random.SFC64(seed))
    outcomes, flags, actions = ([0] * len(ids) for ids in (OUTCOMES, FLAGS, ACTIONS))
    state = np.empty((Rows.count, BATCH), F)
    scratch = np.empty((2, 18 * BATCH), F)
    days = 0.0
    batches = -(-rounds // BATCH)
    for i in range(batches):
        n = rounds // batches + (i < rounds % batches)  # even, so that none is small
        days += play_batch(rng, n, state, scratch, outcomes, flags, actions)
    flags[1] = actions[2]  # a flag that is one with its action
    return (outcomes, flags, actions), days


def main():
    parser = argparse.ArgumentParser(description="bench.toml of kzsim in NumPy")
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()

    chunk(0, 64)  # warms up

    parts = args.threads
    sizes = [args.rounds // parts + (i < args.rounds % parts) for i in range(parts)]
    seeds = np.random.SeedSequence(args.seed).spawn(parts)
    with ThreadPoolExecutor(args.threads) as pool:
        begin = time.perf_counter()
        played = list(pool.map(chunk, seeds, sizes))
        seconds = time.perf_counter() - begin

    totals = [[sum(v) for v in zip(*(counts[i] for counts, _ in played))] for i in range(3)]
    print(json.dumps({
        "tool": "NumPy",
        "version": np.__version__,
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
