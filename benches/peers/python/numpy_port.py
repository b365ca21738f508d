"""scenarios/bench.toml for NumPy: all rounds of a batch side by side, one column a round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. All arrays
are float32, the model's own precision, which halves memory traffic and doubles the width of `exp`.

Columns are kept in order: first the calm rounds (no open break yet), then the broken ones, then those
of which only the crowd and the actions that follow it can still be read, because neither the council nor
the presidency can change hands and the president has held out or cannot. What can gain no more counts is
dropped. So each part of the model runs on the rounds that need it and on no other: weighing and custom on
the calm ones, views, loyalties and stances on these and the broken ones. Few rounds change group in a
step, so a few columns are swapped instead of copying the whole state.

Also left out, because nothing can read it: rallies but where they are weighed or decide, clocks of actions
that have reached their limit (their threshold becomes infinite) and presence: as long as views are
read, everybody is present.
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


# Followers, the actors that choose: chief (a person), party, officials, service, police, army (bodies).
# The first three have power in institutions alone, the others in coercion; all power together is 1 in each
# arena, so these are already parts of the whole.
ARENAS = F(0.6), F(0.4)  # coercion, institutions
ARMED, CIVIL = slice(3, 6), slice(0, 3)  # of the followers
POWER = np.array([0.05, 0.25, 0.30, 0.20, 0.40, 0.36], F)
LEADER_POWER = F(0.02), F(0.20)  # in each arena, the patron and the president alike
WEIGHT = np.array([0.4, 0.4, 0.4, 0.6, 0.6, 0.6], F) * POWER
LEADER_WEIGHT = F(0.6 * 0.02 + 0.4 * 0.20)
OWN = (WEIGHT / (1 - POWER))[:, None]  # what leaving him out does to the whole
OPPORTUNISM = column(0.5, 0.8, 0.8, 0.5, 0.5, 0.5)
CAUTION = column(0.5, 0.5, 0.5, 0.5, 0.45, 0.55)
CAUTION_TURNOUT = column(0.0, 0.0, 0.0, 0.0, 0.6, 0.6)
COUNCIL = column(0.10, 0.0, 0.0, 0.15, 0.10, 0.10)  # authority of the office
PRESIDENCY = column(0.0, 0.0, 0.15, 0.0, 0.10, 0.10)
# Loyalty at the start: contender, follower; all PERT priors of it are symmetric and 0.4 wide.
LOYALTY_LOW = np.array([
    [0.3, 0.3, 0.2, 0.3, 0.1, 0.1],
    [0.1, 0.2, 0.3, 0.1, 0.2, 0.2],
], F)[:, :, None]
LOYALTY_STREET = column(0.0, 0.0, 0.0, 0.0, 0.1, 0.1)
# All stand aside at the start, but no body is of one mind.
ASIDE_SOME = column(0.0, *[0.001 / 1.003] * 5)
ASIDE_REST = 1 - 3 * ASIDE_SOME
SOME_SUPPORT = F((WEIGHT[:, None] * ASIDE_SOME).sum())  # that each contender has of it

PROSPECT_WEIGHT = F(1.5)
PROSPECT_FLOOR = F(0.03)
NOISE = F(0.35)
FADE = F(math.exp(-math.log(2.0) * DT / 3.0))
DRIFT = F(0.05 * DT)
MEMORY = F(-math.expm1(-DT / 10.0))
SHARPNESS = F(8.0)
RECONSIDER = F(1.0 - math.exp(-1.0 * DT))
CROWD_HALF = F(0.03)
CROWD_PACE = F(1.0 - math.exp(-0.8 * DT))
MOOD_KEEP = F(math.exp(-DT / 2.0))
MOOD_SD = F(0.05 * math.sqrt(1.0 - math.exp(-DT / 2.0) ** 2))
STIRRED_MOOD = F(0.05 * math.sqrt(2.0 * math.log(365.0 / 2.0)))  # the highest of the past
FIRST_MOVE = F(0.15)
NIGHT = 0.25
GRIEVANCE_FADE = F(1.0 - math.exp(-0.05 * DT))
DECISION = F(12.0)
THRESHOLD_MEAN = F(0.9)
THRESHOLD_SD = F(0.25)
CONTAGION = F(0.15)


class Rows:
    """Which rows of the state hold what."""

    loyalty = slice(0, 18)  # contender by follower
    granted = slice(18, 36)
    stance = slice(36, 54)
    error = slice(54, 72)
    custom = slice(72, 96)  # option by follower
    support = slice(96, 102)  # arena by contender
    signal = slice(102, 105)
    taste = slice(105, 109)
    crowd = slice(109, None)  # what is still needed when minds do not matter
    (
        grievance, grievance0, mood, turnout, turnout0, left, shock, ambition, deterrence, bond,
        disposition, resolved, council, lost, noted, buildings, run, concession, concession_at,
        building, building_at, seize, seize_at, dismiss, dismiss_at, storm, storm_at,
    ) = range(109, 136)
    count = 136


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


def target(x, pull, deterrence, left):
    seen = x / (x + CROWD_HALF)
    felt = pull + CONTAGION * seen - repression(deterrence, x)
    goal = phi(felt / THRESHOLD_SD)
    goal -= left
    return np.clip(goal, F(0), F(1), out=goal)


def contest(a, b):
    a = a * a
    return a / (a + b * b)


def whole(support):
    return ARENAS[0] * support[0] + ARENAS[1] * support[1]


def weights(support, x):
    """What prospects are a power of, signals apart (7.2). Support and turnout are never below 0."""
    v = support + PROSPECT_FLOOR
    v[2] += 2 * x
    return v


def see(support, v, stance, error, blur, signal, scratch):
    """Views of all followers, each without his own weight. A power of 1.5 needs no logarithm."""
    q, root = (part[: stance.size].reshape(stance.shape) for part in scratch)
    np.subtract(support[1][:, None, :], stance[:, CIVIL], out=q[:, CIVIL])
    np.subtract(support[0][:, None, :], stance[:, ARMED], out=q[:, ARMED])
    q *= OWN
    q += v[:, None, :]
    np.sqrt(q, out=root)
    q *= root
    e = np.multiply(error, blur, out=root)
    e += (PROSPECT_WEIGHT * signal)[:, None, :]
    q *= np.exp(e, out=e)
    total = q[0] + q[1]
    total += q[2]
    q /= total
    return q


def add_up(stance, support):
    """Support of each contender in each arena, from the stances of the followers."""
    for arena, group, power in zip(support, (ARMED, CIVIL), LEADER_POWER):
        np.matmul(POWER[group], stance[:, group], out=arena)
        arena[:2] += power


def cautions(x):
    aside = CAUTION_TURNOUT * x
    aside += CAUTION
    aside *= SHARPNESS
    return aside


def edge(support, x, signal, loyalty, luck, scratch):
    """The formula `edge`, while both leaders hold their offices: a contest of the rallies if the council
    were tried for now (7.5a)."""
    private, e = (part[: loyalty.size].reshape(loyalty.shape) for part in scratch)
    np.multiply(loyalty, SHARPNESS * (1 - OPPORTUNISM), out=private)
    private[0] += SHARPNESS * COUNCIL
    private[1] += SHARPNESS * PRESIDENCY
    aside = cautions(x)
    np.exp(aside, out=aside)
    said = signal.copy()
    said[1] += FIRST_MOVE + luck
    said *= PROSPECT_WEIGHT
    np.exp(said, out=said)
    # Utilities are bounded, so the softmax needs no guard against overflow.
    rallied = whole(support)
    for _ in range(4):
        v = weights(rallied, x)
        p = v * np.sqrt(v)
        p *= said
        p /= p[0] + p[1] + p[2]
        np.multiply(SHARPNESS * OPPORTUNISM, p[:, None, :], out=e)
        e += private
        np.exp(e, out=e)
        share = e[0] + e[1]
        share += e[2]
        share += aside
        e /= share
        rallied = WEIGHT @ e
        rallied[:2] += LEADER_WEIGHT
    return contest(rallied[1], rallied[0])


def inclination(win, ambition, bond, x, buildings):
    wait = bond - 2 * x - F(0.1) * buildings
    return 1 / (1 + np.exp(-DECISION * (win * ambition - (1 - win) * F(1.2) - wait)))


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


def swap_out(state, leaving, n, needed=slice(None)):
    """Moves the columns `leaving` of the first `n` behind the others of them, with the rows of them that
    are still needed."""
    n -= len(leaving)
    from_front = leaving[leaving < n]
    if len(from_front):
        stays = np.ones(len(leaving), bool)
        stays[leaving[leaving >= n] - n] = False
        from_back = np.flatnonzero(stays) + n
        moved = state[needed, from_front]
        state[:, from_front] = state[:, from_back]
        state[needed, from_back] = moved
    return n


def play_batch(rng, n, state, scratch, outcomes, flags, actions):
    """Plays `n` rounds, adds up their counts, gives the sum of the days of their outcomes."""
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
    for at in (r.concession_at, r.building_at, r.seize_at, r.dismiss_at, r.storm_at):
        s[at] = rng.standard_exponential(n, dtype=F)
    x = s[r.turnout]
    for _ in range(16):
        x[:] = target(x, s[r.grievance] - THRESHOLD_MEAN, s[r.deterrence], F(0))
    s[r.turnout0] = x
    s[r.left] = target(x, s[r.grievance] - THRESHOLD_MEAN, s[r.deterrence], F(0)) - x

    # Rest: views without errors are taken for granted, and stances are custom.
    stance = s[r.stance].reshape(3, 6, n)
    stance[:] = ASIDE_SOME
    support = s[r.support].reshape(2, 3, n)
    add_up(stance, support)
    q = see(support, weights(whole(support), x), stance, F(0) * stance, F(0), s[r.signal], scratch)
    s[r.granted] = q.reshape(18, n)
    u = np.empty((4, 6, n), F)
    np.multiply(q, OPPORTUNISM, out=u[:3])
    u[:3] += (1 - OPPORTUNISM) * loyalty
    u[0] += COUNCIL
    u[1] += PRESIDENCY
    u[:3] *= SHARPNESS
    u[3] = cautions(x)
    custom = s[r.custom].reshape(4, 6, n)
    custom[:, 1:] = np.log(np.exp(u[:, 1:]).sum(axis=0)) - u[:, 1:]
    custom[:3, 1:] += np.log(ASIDE_SOME[1:])
    custom[3, 1:] += np.log(ASIDE_REST[1:])
    s[r.taste] = -np.log(rng.standard_exponential((4, n)))
    # As far below "aside" as tastes of somebody who is seen to stand aside put the other options.
    liked = u[:, 0] + s[r.taste]
    chance = u[:3, 0] - np.log(np.exp(u[:, 0]).sum(axis=0)) - s[r.taste][3]
    below = chance - np.log(np.exp(chance) + np.exp(-s[r.taste][:3]))
    custom[:3, 0] = np.minimum(below, F(-0.001)) - liked[:3]
    custom[3, 0] = -liked[3]

    # The president is known to have stayed in calm and in the highest mood of the past (7.7).
    stirred = x.copy()
    pull = s[r.grievance] + STIRRED_MOOD - THRESHOLD_MEAN
    for _ in range(16):
        stirred = target(stirred, pull, s[r.deterrence], s[r.left])
    stayed = np.maximum(*(
        inclination(edge(support, at, s[r.signal], loyalty, F(0), scratch), s[r.ambition], s[r.bond],
                    at, s[r.buildings])
        for at in (x, stirred)
    ))
    s[r.disposition] = stayed + (1 - stayed) * rng.random(n, dtype=F)

    # Columns: `calm` calm ones, broken ones up to `minds`, others up to `n`.
    calm = minds = n
    for t in range(STEPS):
        s = state[:, :n]
        x = s[r.turnout]
        grievance = s[r.grievance]
        m = state[:, :minds]
        b = state[:, calm:minds]
        broken = minds - calm
        signal = m[r.signal]
        loyalty = m[r.loyalty].reshape(3, 6, minds)
        support = m[r.support].reshape(2, 3, minds)

        # Schedule
        if t == SHOCK_STEP:
            grievance += s[r.shock]
            actions[0] += n

        if minds:
            # Perceive
            at = x[:minds]
            v = weights(whole(support), at)
            new = v.copy()
            new[:2] /= LEADER_WEIGHT + SOME_SUPPORT + PROSPECT_FLOOR
            new[2] /= 2 * m[r.turnout0] + (SOME_SUPPORT + PROSPECT_FLOOR)
            np.log(new, out=new)
            new += signal
            np.abs(new, out=new)
            blur = new.max(axis=0)
            np.minimum(blur, F(1), out=blur)
            blur *= PROSPECT_WEIGHT * NOISE
            if t % STEPS_A_DAY == 0:
                z = scratch[0][: 18 * minds]
                normals(rng, 1.0, z)
                m[r.error] = z.reshape(18, minds)
            stance = m[r.stance].reshape(3, 6, minds)
            q = see(support, v, stance, m[r.error].reshape(3, 6, minds), blur, signal, scratch)
            signal *= FADE

            # Drift
            granted = m[r.granted].reshape(3, 6, minds)
            news = np.subtract(q, granted, out=scratch[1][: q.size].reshape(q.shape))
            moved = news * MEMORY
            granted += moved
            news *= DRIFT * OPPORTUNISM
            loyalty += news
            np.clip(loyalty, F(0), F(1), out=loyalty)

            # Choose
            q *= OPPORTUNISM
            q += np.multiply(loyalty, 1 - OPPORTUNISM, out=news)
            q[0, :, :calm] += COUNCIL
            if broken:
                held = COUNCIL * b[r.council]
                q[0, :, calm:] += COUNCIL - held
                q[1, :, calm:] += held
            q[1] += PRESIDENCY
            q *= SHARPNESS
            aside = cautions(at)
            custom = state[r.custom].reshape(4, 6, -1)[:, :, :calm]
            q[:, :, :calm] += custom[:3]
            aside[:, :calm] += custom[3]

            moves = np.flatnonzero(rng.random(minds, dtype=F) < RECONSIDER)
            liked = np.concatenate([q[:, 0, moves], aside[0:1, moves]])
            liked += m[r.taste][:, moves]
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
            add_up(stance, support)

        # Mobilise
        mood = s[r.mood]
        z = scratch[0][:n]
        normals(rng, MOOD_SD, z)
        mood *= MOOD_KEEP
        mood += z
        deterrence = s[r.deterrence]
        left = s[r.left]
        pull = grievance + mood - THRESHOLD_MEAN
        before = x.copy()
        goal = target(x, pull, deterrence, left)
        ahead = x + CROWD_PACE * (goal - x)
        goal += target(ahead, pull, deterrence, left)
        x += CROWD_PACE * (F(0.5) * goal - x)  # a mean of shares: it needs no clamp
        grievance += GRIEVANCE_FADE * (s[r.grievance0] - grievance)

        # Act: everything is read before anything takes effect. Turnout moves in Mobilise alone, so
        # a gate on it was closed a step ago where turnout was not above its level before this step.
        tries = np.empty(0, int)
        if calm:
            c = state[:, :calm]
            if t % STEPS_A_DAY == 0:
                win = edge(
                    support[:, :, :calm], x[:calm], signal[:, :calm], loyalty[:, :, :calm], F(0),
                    scratch,
                )
                now = inclination(win, c[r.ambition], c[r.bond], x[:calm], c[r.buildings])
                c[r.resolved] = now > c[r.disposition]
            gained = F(2 * DT) * c[r.resolved]
            c[r.seize] += gained
            tries = np.flatnonzero(c[r.seize] >= c[r.seize_at])

        # Clocks strike one after the other. A storm ends tries and dismissals, a dismissal that succeeds
        # concessions by the president.
        stormed, when = fires(x > F(0.15), before <= F(0.15), F(2 * DT) * x, s[r.storm],
                              s[r.storm_at], t)
        never = np.full(n, F(9))
        over = never.copy()
        over[stormed] = when(stormed)
        removed = never.copy()

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
                stood = whole(support[:, :, calm + hit])
                done = rng.random(k, dtype=F) < contest(stood[0], stood[1])
                b[r.dismiss_at, hit] = np.inf
                b[r.signal.start + 1, hit[~done]] += F(0.3)
                b[r.lost, hit[done]] = 1
                removed[calm + hit[done]] = time[done]
                gone = hit[done][b[r.noted, hit[done]] == 0]
                b[r.noted, gone] = 1
                outcomes[1] += len(gone)
                days += len(gone) * (t + 1) * DT
                actions[4] += k

        s[r.storm_at, stormed] = np.inf
        s[r.lost, stormed] = 1
        actions[5] += len(stormed)
        stormed = stormed[s[r.noted, stormed] == 0]
        s[r.noted, stormed] = 1
        outcomes[0] += len(stormed)
        days += len(stormed) * (t + 1) * DT

        hit, when = fires(x > F(0.02), before <= F(0.02), F(0.5 * DT), s[r.concession],
                          s[r.concession_at], t)
        hit = hit[when(hit) < removed[hit]]
        grievance[hit] -= F(0.1)
        s[r.concession_at, hit] = np.inf
        actions[1] += len(hit)
        s[r.concession_at, removed < never] = np.inf

        tried = never
        if len(tries):
            time = 1 - (c[r.seize, tries] - c[r.seize_at, tries]) / gained[tries]
            sooner = time < over[tries]
            tries = tries[sooner]
            tried[tries] = time[sooner]
        later = np.zeros(n, F)  # buildings that fall after a try
        hit, when = fires(x > F(0.01), before <= F(0.01), F(5 * DT) * x, s[r.building],
                          s[r.building_at], t)
        while len(hit):
            first = s[r.buildings, hit] == 0
            actions[2] += int(first.sum())
            s[r.signal.start + 1, hit] -= F(0.1)
            s[r.signal.start + 2, hit] += F(0.05)
            s[r.buildings, hit] += 1
            later[hit] += when(hit) > tried[hit]
            s[r.building_at, hit] += rng.standard_exponential(len(hit), dtype=F)
            s[r.building_at, hit[s[r.buildings, hit] >= 3]] = np.inf
            hit = hit[s[r.building, hit] >= s[r.building_at, hit]]

        if len(tries):
            k = len(tries)
            said = signal[:, tries]
            said[1] += F(0.1) * later[tries]
            said[2] -= F(0.05) * later[tries]
            luck = np.empty(k, F)
            normals(rng, NIGHT, luck)
            win = edge(support[:, :, tries], x[tries], said, loyalty[:, :, tries], luck, scratch)
            won = rng.random(k, dtype=F) < win
            c[r.council, tries] = won
            c[r.signal.start + 1, tries] += np.where(won, F(0.5), F(-0.5))
            actions[3] += k
            flags[0] += int(won.sum())

        # Settle
        if broken:
            run = b[r.run]
            run += 1
            run *= (b[r.council] == 1) & (whole(support[:, 1, calm:]) > F(0.6))
            held = np.flatnonzero((run > HOLD_STEPS) & (b[r.noted] == 0))
            b[r.noted, held] = 1
            outcomes[2] += len(held)
            days += len(held) * (t + 1) * DT

        # Rounds that break or end leave the calm ones; then those whose minds nothing reads any more leave
        # the broken ones.
        if calm:
            leaving = np.union1d(tries, np.flatnonzero(c[r.lost]))
            if len(leaving):
                was = calm
                calm = swap_out(state, leaving, calm)
                state[r.dismiss, calm:was] = F(0.5 * 0.1 * DT)  # the half step of the spell to come
        b = state[:, calm:minds]
        holds_out = (b[r.council] == 1) & (b[r.noted] == 0)
        gone = np.flatnonzero((b[r.lost] == 1) | ((b[r.dismiss_at] == np.inf) & ~holds_out))
        if len(gone):
            minds = calm + swap_out(b, gone, minds - calm, r.crowd)
        o = state[:, minds:n]
        # Of buildings the first is counted.
        ends = np.isinf(o[r.concession_at]) & (o[r.buildings] > 0) & np.isinf(o[r.storm_at])
        gone = np.flatnonzero(ends & (o[r.noted] == 1))
        if len(gone):
            n = minds + swap_out(o[r.crowd], gone, n - minds, slice(0))
            if n == 0:
                break

    undecided = int((state[r.noted, calm:n] == 0).sum())
    outcomes[3] += calm
    outcomes[4] += undecided
    return days + (calm + undecided) * STEPS * DT


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
