"""scenarios/bench.toml for Mesa: agents for the actors and the crowd, one model a round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. Numbers are
plain Python floats, which for so few agents are faster than small arrays.

Left out, because nothing can read it: views, loyalties and stances once neither the council nor the
presidency can change hands and the president has held out or cannot; rallies but where they are weighed or
decide; clocks of actions that have reached their limit; and the rest of a round in which nothing that
is counted can happen any more. As long as views are read, everybody is present.
"""

import argparse
import json
import time
from math import erfc, exp, expm1, log, sqrt
from multiprocessing import Pool

import mesa

OUTCOMES = ("street_wins", "patron_wins", "president_wins", "nothing", "undecided")
FLAGS = ("seized", "building_lost")
ACTIONS = ("shock", "concession", "building", "seize", "dismiss", "storm")

PATRON, PRESIDENT, STREET, ASIDE = range(4)
NOBODY = -1

DT = 0.25
STEPS = 120
STEPS_A_DAY = 4
SHOCK_STEP = 4
HOLD_STEPS = 20  # 5 days

ARENAS = (0.6, 0.4)
COERCION, INSTITUTIONS = range(2)
PROSPECT_WEIGHT = 1.5
PROSPECT_FLOOR = 0.03
NOISE = 0.35
FADE = exp(-log(2.0) * DT / 3.0)
DRIFT = 0.05 * DT
MEMORY = -expm1(-DT / 10.0)
SHARPNESS = 8.0
RECONSIDER = 1.0 - exp(-1.0 * DT)
CROWD_HALF = 0.03
CROWD_PACE = 1.0 - exp(-0.8 * DT)
MOOD_KEEP = exp(-DT / 2.0)
MOOD_SD = 0.05 * sqrt(1.0 - MOOD_KEEP * MOOD_KEEP)
GRIEVANCE_FADE = 1.0 - exp(-0.05 * DT)
DECISION = 12.0
THRESHOLD_MEAN = 0.9
THRESHOLD_SD = 0.25
CONTAGION = 0.15
STIRRED_MOOD = 0.05 * sqrt(2.0 * log(365.0 / 2.0))  # the highest of the past
FIRST_MOVE = 0.15
NIGHT = 0.25
ROOT_HALF = sqrt(0.5)


def pert(random, low, mode, high):
    alpha = 1.0 + 4.0 * (mode - low) / (high - low)
    beta = 1.0 + 4.0 * (high - mode) / (high - low)
    return low + (high - low) * random.betavariate(alpha, beta)


def clamp(x):
    return 0.0 if x < 0.0 else 1.0 if x > 1.0 else x


def phi(x):
    return 0.5 * erfc(-ROOT_HALF * x)


def weights(support, turnout):
    """What prospects are a power of, signals apart (7.2)."""
    return (
        support[PATRON] + PROSPECT_FLOOR,
        support[PRESIDENT] + PROSPECT_FLOOR,
        support[STREET] + 2.0 * turnout + PROSPECT_FLOOR,
    )


class Leader(mesa.Agent):
    """A contender's actor: stands for himself and never moves."""

    def __init__(self, model, side, coercion, institutions):
        super().__init__(model)
        self.side = side
        # All power together is 1 in each arena, so these are parts of the whole.
        self.power = (coercion, institutions)


class Follower(mesa.Agent):
    """An actor that chooses a side."""

    def __init__(
        self, model, loyalty, arena, power, opportunism=0.5, caution=0.5, caution_turnout=0.0,
        council=0.0, presidency=0.0,
    ):
        super().__init__(model)
        self.arena = arena
        self.power = power
        self.own = ARENAS[arena] * power / (1.0 - power)  # what leaving him out does to the whole
        self.loyalty = loyalty
        self.opportunism = opportunism
        self.caution = caution
        self.caution_turnout = caution_turnout
        self.council = council  # authority of the two offices over this actor
        self.presidency = presidency
        self.errors = (0.0, 0.0, 0.0)  # of the day's views
        self.view = self.granted = None
        self.custom = None

    def look(self):
        gauss = self.random.gauss
        self.errors = (gauss(0.0, 1.0), gauss(0.0, 1.0), gauss(0.0, 1.0))

    def see(self):
        # Three contenders written out: for so few, loops and lists cost more than they save.
        model = self.model
        own = self.own
        whole = model.support
        arena = model.arenas[self.arena]
        stance = self.stance
        blur = model.blur
        errors = self.errors
        signal = model.said
        # Without his own weight. A power of 1.5 needs no logarithm.
        v = whole[PATRON] + own * (arena[PATRON] - stance[PATRON]) + PROSPECT_FLOOR
        patron = v * sqrt(v) * exp(signal[PATRON] + blur * errors[PATRON])
        v = whole[PRESIDENT] + own * (arena[PRESIDENT] - stance[PRESIDENT]) + PROSPECT_FLOOR
        president = v * sqrt(v) * exp(signal[PRESIDENT] + blur * errors[PRESIDENT])
        v = whole[STREET] + own * (arena[STREET] - stance[STREET])
        v += 2.0 * model.crowd.turnout + PROSPECT_FLOOR
        street = v * sqrt(v) * exp(signal[STREET] + blur * errors[STREET])
        total = patron + president + street
        self.view = (patron / total, president / total, street / total)

    def drift(self):
        rate = DRIFT * self.opportunism
        patron, president, street = self.loyalty
        of_patron, of_president, of_street = self.granted
        view = self.view
        to_patron = view[PATRON] - of_patron
        to_president = view[PRESIDENT] - of_president
        to_street = view[STREET] - of_street
        self.loyalty = (
            clamp(patron + rate * to_patron),
            clamp(president + rate * to_president),
            clamp(street + rate * to_street),
        )
        self.granted = (
            of_patron + MEMORY * to_patron,
            of_president + MEMORY * to_president,
            of_street + MEMORY * to_street,
        )

    def utilities(self, view):
        """Of each option, times sharpness."""
        o = self.opportunism
        private = 1.0 - o
        patron, president, street = self.loyalty
        patron = private * patron + o * view[PATRON]
        president = private * president + o * view[PRESIDENT] + self.presidency
        # The president keeps his office as long as anybody looks.
        if self.model.council == PATRON:
            patron += self.council
        else:
            president += self.council
        return (
            SHARPNESS * patron,
            SHARPNESS * president,
            SHARPNESS * (private * street + o * view[STREET]),
            SHARPNESS * (self.caution + self.caution_turnout * self.model.crowd.turnout),
        )

    def reasons(self):
        """Utilities, and custom as long as nobody has broken it."""
        utilities = self.utilities(self.view)
        if self.model.open_break:
            return utilities
        return [u + k for u, k in zip(utilities, self.custom)]


class Person(Follower):
    """Stands whole on one side."""

    def __init__(self, model, *args, **kwargs):
        super().__init__(model, *args, **kwargs)
        self.taste = [-log(self.random.expovariate(1.0)) for _ in range(4)]  # Gumbel
        self.stance = (0.0, 0.0, 0.0, 1.0)

    def get_used(self):
        # As far below "aside" as tastes of somebody who is seen to stand aside put the other options.
        utilities = self.utilities(self.view)
        whole = log(sum(exp(u) for u in utilities))
        self.custom = []
        for option, (u, g) in enumerate(zip(utilities, self.taste)):
            chance = u - whole - self.taste[ASIDE]
            below = 0.0 if option == ASIDE else min(chance - log(exp(chance) + exp(-g)), -0.001)
            self.custom.append(below - (u + g))

    def choose(self):
        if self.random.random() < RECONSIDER:
            liked = [u + g for u, g in zip(self.reasons(), self.taste)]
            side = liked.index(max(liked))
            self.stance = [0.0] * 4
            self.stance[side] = 1.0


class Body(Follower):
    """May split."""

    def __init__(self, model, *args, **kwargs):
        super().__init__(model, *args, **kwargs)
        some = 0.001 / 1.003  # no body is of one mind
        self.stance = (some, some, some, 1.0 / 1.003)

    def get_used(self):
        utilities = self.utilities(self.view)
        whole = log(sum(map(exp, utilities)))
        self.custom = [log(s) - u + whole for s, u in zip(self.stance, utilities)]

    def choose(self):
        # Exponents are small, so the softmax needs no guard against overflow.
        patron, president, street, aside = map(exp, self.reasons())
        total = patron + president + street + aside
        old = self.stance
        self.stance = (
            old[PATRON] + RECONSIDER * (patron / total - old[PATRON]),
            old[PRESIDENT] + RECONSIDER * (president / total - old[PRESIDENT]),
            old[STREET] + RECONSIDER * (street / total - old[STREET]),
            old[ASIDE] + RECONSIDER * (aside / total - old[ASIDE]),
        )


class Crowd(mesa.Agent):
    def __init__(self, model):
        super().__init__(model)
        self.deterrence = pert(self.random, 0.15, 0.25, 0.40)
        self.start = self.grievance = pert(self.random, 0.15, 0.25, 0.35)
        self.mood = 0.0
        self.left = 0.0  # of the way to rest
        self.turnout = 0.0
        for _ in range(16):
            self.turnout = self.target(self.turnout)
        self.left = self.target(self.turnout) - self.turnout

    def stirred(self):
        """Turnout in the highest mood that the past may have seen."""
        self.mood = STIRRED_MOOD
        turnout = self.turnout
        for _ in range(16):
            turnout = self.target(turnout)
        self.mood = 0.0
        return turnout

    def target(self, turnout):
        seen = turnout / (turnout + CROWD_HALF)
        repression = self.deterrence / (1.0 + 5.0 * turnout)
        felt = self.grievance + CONTAGION * seen - repression + self.mood
        return clamp(phi((felt - THRESHOLD_MEAN) / THRESHOLD_SD) - self.left)

    def mobilise(self):
        self.mood = self.mood * MOOD_KEEP + self.random.gauss(0.0, MOOD_SD)
        x = self.turnout
        goal = self.target(x)
        goal_ahead = self.target(x + CROWD_PACE * (goal - x))
        x += CROWD_PACE * (0.5 * (goal + goal_ahead) - x)  # a mean of shares: needs no clamp
        self.turnout = x
        self.grievance += GRIEVANCE_FADE * (self.start - self.grievance)


class Action:
    """The clock of an action (7.7)."""

    def __init__(self, random, limit=1):
        self.random = random
        self.limit = limit
        self.count = 0
        self.clock = 0.0
        self.threshold = random.expovariate(1.0)
        self.spell = False

    def due(self, gate, rate, first_step=False):
        """Runs the clock for a step and gives the times in it, in steps, at which it strikes."""
        if not gate or self.count >= self.limit:
            self.spell = False
            return []
        # A condition seen for the first time has, on average, held for half a step already.
        lead = 0.0 if self.spell or first_step else 0.5
        gain = max(rate, 0.0) * DT
        before = self.clock
        self.clock += (1.0 + lead) * gain
        self.spell = True
        times = []
        while self.clock >= self.threshold and self.count + len(times) < self.limit:
            times.append((self.threshold - before) / gain - lead)
            self.threshold += self.random.expovariate(1.0)
        return times


class Contest(mesa.Model):
    def __init__(self, seed=None):
        super().__init__(seed=seed)
        random = self.random

        def law(low):
            return pert(random, low, low + 0.2, low + 0.4)

        self.shock = pert(random, 0.20, 0.40, 0.60)
        self.ambition = pert(random, 0.50, 0.80, 1.10)
        self.bond = pert(random, 0.1, 0.3, 0.6)  # the president's loyalty to the patron
        leaders = [
            Leader(self, PATRON, coercion=0.02, institutions=0.20),
            Leader(self, PRESIDENT, coercion=0.02, institutions=0.20),
        ]
        Person(self, (law(0.3), law(0.1), 0.0), INSTITUTIONS, 0.05, council=0.10)  # chief
        Body(self, (law(0.3), law(0.1), 0.0), COERCION, 0.20, council=0.15)  # service
        Body(  # police
            self, (law(0.1), law(0.2), 0.1), COERCION, 0.40, caution=0.45, caution_turnout=0.6,
            council=0.10, presidency=0.10,
        )
        Body(  # army
            self, (law(0.1), law(0.2), 0.1), COERCION, 0.36, caution=0.55, caution_turnout=0.6,
            council=0.10, presidency=0.10,
        )
        Body(self, (law(0.3), law(0.2), 0.0), INSTITUTIONS, 0.25, opportunism=0.8)  # party
        Body(  # officials
            self, (law(0.2), law(0.3), 0.0), INSTITUTIONS, 0.30, opportunism=0.8, presidency=0.15
        )
        self.followers = self.agents.select(lambda agent: isinstance(agent, Follower))
        self.crowd = Crowd(self)

        self.leading = [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
        for leader in leaders:
            for arena, power in zip(self.leading, leader.power):
                arena[leader.side] = power
        self.signal = [0.0, 0.0, 0.0]
        self.council = PATRON
        self.presidency = PRESIDENT
        self.removed = False  # whether the president has been arrested
        self.open_break = False

        self.shocked = False
        self.concession = Action(random)
        self.building = Action(random, limit=3)
        self.seize = Action(random)
        self.dismiss = Action(random)
        self.storm = Action(random)
        self.seized = False

        # Rest (section 5): views without errors are taken for granted, and stances are custom.
        self.arenas, self.support = self.add_up()
        self.weights0 = weights(self.support, self.crowd.turnout)
        self.said = (0.0, 0.0, 0.0)
        self.blur = 0.0
        self.followers.do("see")
        for follower in self.followers:
            follower.granted = follower.view
        self.followers.do("get_used")

        # The president is known to have stayed in calm and in the highest mood of the past (7.7).
        turnout = self.crowd.turnout
        stayed = self.inclination(self.edge(), turnout)
        self.crowd.turnout = self.crowd.stirred()
        stayed = max(stayed, self.inclination(self.edge(), self.crowd.turnout))
        self.crowd.turnout = turnout
        self.disposition = stayed + (1.0 - stayed) * random.random()
        self.resolved = False
        self.run = 0
        self.outcome = None
        self.day = STEPS * DT

    def add_up(self):
        """Support of each contender in each arena, and over both."""
        arenas = [list(arena) for arena in self.leading]
        for follower in self.followers:
            power, stance, arena = follower.power, follower.stance, arenas[follower.arena]
            arena[PATRON] += power * stance[PATRON]
            arena[PRESIDENT] += power * stance[PRESIDENT]
            arena[STREET] += power * stance[STREET]
        return arenas, [sum(w * s for w, s in zip(ARENAS, shares)) for shares in zip(*arenas)]

    def edge(self, luck=0.0):
        """The formula `edge`: a contest of the rallies if the council were tried for now (7.5a)."""
        nothing = (0.0, 0.0, 0.0)
        patron_said = PROSPECT_WEIGHT * self.signal[PATRON]
        president_said = PROSPECT_WEIGHT * (self.signal[PRESIDENT] + FIRST_MOVE + luck)
        street_said = PROSPECT_WEIGHT * self.signal[STREET]
        private = []
        for follower in self.followers:
            patron, president, street, aside = follower.utilities(nothing)
            weight = ARENAS[follower.arena] * follower.power
            o = SHARPNESS * follower.opportunism
            private.append((weight, o, patron, president, street, exp(aside)))
        start = [sum(w * s for w, s in zip(ARENAS, shares)) for shares in zip(*self.leading)]
        support = self.support
        for _ in range(4):
            patron, president, street = weights(support, self.crowd.turnout)
            patron *= sqrt(patron) * exp(patron_said)
            president *= sqrt(president) * exp(president_said)
            street *= sqrt(street) * exp(street_said)
            total = patron + president + street
            sees_patron, sees_president, sees_street = (
                patron / total, president / total, street / total
            )
            to_patron, to_president, to_street = start
            for weight, o, patron, president, street, aside in private:
                patron = exp(patron + o * sees_patron)
                president = exp(president + o * sees_president)
                street = exp(street + o * sees_street)
                share = weight / (patron + president + street + aside)
                to_patron += share * patron
                to_president += share * president
                to_street += share * street
            support = (to_patron, to_president, to_street)
        return to_president**2 / (to_president**2 + to_patron**2)

    def inclination(self, win, turnout):
        wait = self.bond - 2.0 * turnout - 0.1 * self.building.count
        gain = win * self.ambition - (1.0 - win) * 1.2 - wait
        return 1.0 / (1.0 + exp(-DECISION * gain))

    def minds_matter(self):
        """Whether anything can still read views, loyalties and stances."""
        return self.presidency == PRESIDENT and (
            not self.seize.count or not self.dismiss.count
            or (self.council == PRESIDENT and self.outcome is None)
        )

    def note(self, outcome, t):
        if self.outcome is None:
            self.outcome = outcome
            self.day = (t + 1) * DT

    def step(self):
        t = self.steps - 1  # Mesa counts a step when it begins

        # Schedule
        if t == SHOCK_STEP:
            self.crowd.grievance += self.shock
            self.shocked = True

        minds = self.minds_matter()
        if minds:
            # Perceive
            new = max(
                abs(log(now / then) + signal)
                for now, then, signal in zip(
                    weights(self.support, self.crowd.turnout), self.weights0, self.signal
                )
            )
            self.blur = PROSPECT_WEIGHT * NOISE * min(new, 1.0)
            self.said = [PROSPECT_WEIGHT * signal for signal in self.signal]
            if t % STEPS_A_DAY == 0:
                self.followers.do("look")
            self.followers.do("see")
            self.signal = [FADE * signal for signal in self.signal]

            self.followers.do("drift")
            self.followers.do("choose")
            self.arenas, self.support = self.add_up()

        self.crowd.mobilise()
        self.act(t)
        self.settle(t, minds)

    def act(self, t):
        # Everything is read before anything takes effect.
        turnout = self.crowd.turnout
        presides = self.presidency == PRESIDENT
        first = t == 0
        due = [
            (self.concession, self.concession.due(turnout > 0.02 and not self.removed, 0.5, first)),
            (self.building, self.building.due(turnout > 0.01, 5.0 * turnout, first)),
            (self.dismiss, self.dismiss.due(self.open_break and presides, 0.1)),
            (self.storm, self.storm.due(turnout > 0.15, 2.0 * turnout, first)),
        ]
        # The patron has the council till it is tried for.
        if presides and not self.seize.count:
            if t % STEPS_A_DAY == 0:
                self.resolved = self.inclination(self.edge(), turnout) > self.disposition
            due.append((self.seize, self.seize.due(True, 2.0 if self.resolved else 0.0, first)))
        events = [(time, action) for action, times in due for time in times]
        # One after the other. What an event closes stays closed.
        for _, action in sorted(events, key=lambda event: event[0]):
            if self.presidency != PRESIDENT and action in (self.seize, self.dismiss):
                continue
            if self.removed and action is self.concession:
                continue
            action.count += 1
            if action is self.concession:
                self.crowd.grievance -= 0.1
            elif action is self.building:
                self.signal[PRESIDENT] -= 0.1
                self.signal[STREET] += 0.05
            elif action is self.seize:
                if self.random.random() < self.edge(self.random.gauss(0.0, NIGHT)):
                    self.seized = True
                    self.council = PRESIDENT
                    self.signal[PRESIDENT] += 0.5
                else:
                    self.signal[PRESIDENT] -= 0.5
                self.open_break = True
            elif action is self.dismiss:
                patron, president = self.support[PATRON] ** 2, self.support[PRESIDENT] ** 2
                if self.random.random() < patron / (patron + president):
                    self.presidency = PATRON
                    self.removed = True
                    self.note("patron_wins", t)
                else:
                    self.signal[PRESIDENT] += 0.3
            else:
                self.presidency = NOBODY
                self.open_break = True
                self.note("street_wins", t)

    def settle(self, t, minds):
        if minds and self.council == PRESIDENT and self.support[PRESIDENT] > 0.6:
            self.run += 1
            if self.run > HOLD_STEPS:
                self.note("president_wins", t)
        else:
            self.run = 0
        over = (
            self.outcome is not None
            and (self.concession.count or self.removed)
            and self.building.count  # of buildings the first is counted
            and self.storm.count
            and (self.presidency != PRESIDENT or (self.seize.count and self.dismiss.count))
        )
        if t == STEPS - 1 and self.outcome is None:
            self.outcome = "undecided" if self.open_break else "nothing"
        self.running = not over and t < STEPS - 1


def play(job):
    """Plays rounds with these seeds and gives their counts and the sum of the days of their outcomes."""
    outcomes = dict.fromkeys(OUTCOMES, 0)
    flags = dict.fromkeys(FLAGS, 0)
    actions = dict.fromkeys(ACTIONS, 0)
    days = 0.0
    for seed in job:
        model = Contest(seed=seed)
        model.run_model()
        outcomes[model.outcome] += 1
        flags["seized"] += model.seized
        flags["building_lost"] += model.building.count > 0
        actions["shock"] += model.shocked
        for action in ACTIONS[1:]:
            actions[action] += getattr(model, action).count > 0
        days += model.day
    return outcomes, flags, actions, days


def main():
    parser = argparse.ArgumentParser(description="bench.toml of kzsim in Mesa")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="processes")
    args = parser.parse_args()

    first = args.seed * 1_000_000_007  # so that runs of neighbouring seeds share no round
    seeds = range(first, first + args.rounds)
    if args.threads == 1:
        play(range(3))  # warms up
        begin = time.perf_counter()
        played = [play(seeds)]
        seconds = time.perf_counter() - begin
    else:
        jobs = [seeds[i :: args.threads * 4] for i in range(args.threads * 4)]
        with Pool(args.threads) as pool:
            pool.map(play, [range(3)] * args.threads, chunksize=1)
            begin = time.perf_counter()
            played = pool.map(play, jobs, chunksize=1)
            seconds = time.perf_counter() - begin

    totals = [
        {key: sum(part[i][key] for part in played) for key in played[0][i]} for i in range(3)
    ]
    print(json.dumps({
        "tool": "Mesa",
        "version": mesa.__version__,
        "rounds": args.rounds,
        "threads": args.threads,
        "seconds": seconds,
        "outcomes": totals[0],
        "flags": totals[1],
        "actions": totals[2],
        "mean_days": sum(part[3] for part in played) / args.rounds,
    }))


if __name__ == "__main__":
    main()
