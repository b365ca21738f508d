"""scenarios/bench.toml for Mesa: agents for the actors and the crowd, one model a round.

Written from docs/MODEL.md for this one scenario; section numbers below are of that file. Numbers are
plain Python floats, which for so few agents are faster than small arrays.

Left out, because nothing can read it: views and Choose before the open break (`reconsider` is
`open_break`, so nobody moves), backing once the council has been tried for (only `seize` and, once,
`dismiss` read it), clocks of actions that have reached their limit, and presence (the one effect on it
comes with an outcome that ends the round in the same step).
"""

import argparse
import json
import time
from math import erfc, exp, log, sqrt
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

COERCION = 0.6
INSTITUTIONS = 0.4
PROSPECT_WEIGHT = 1.5
PROSPECT_FLOOR = 0.03
NOISE = 0.35
FADE = exp(-log(2.0) * DT / 3.0)
DRIFT = 0.05 * DT
DIFFUSION = 0.002 * sqrt(DT)
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
ROOT_HALF = sqrt(0.5)


def pert(random, low, mode, high):
    alpha = 1.0 + 4.0 * (mode - low) / (high - low)
    beta = 1.0 + 4.0 * (high - mode) / (high - low)
    return low + (high - low) * random.betavariate(alpha, beta)


def clamp(x):
    return 0.0 if x < 0.0 else 1.0 if x > 1.0 else x


def phi(x):
    return 0.5 * erfc(-ROOT_HALF * x)


class Leader(mesa.Agent):
    """A contender's actor: stands for himself and never moves."""

    def __init__(self, model, side, coercion, institutions):
        super().__init__(model)
        self.side = side
        # All power together is 1 in each arena, so this is the leader's part of the whole.
        self.weight = COERCION * coercion + INSTITUTIONS * institutions


class Follower(mesa.Agent):
    """An actor that chooses a side."""

    def __init__(
        self, model, loyalty, coercion=0.0, institutions=0.0, opportunism=0.5, caution=0.5,
        caution_turnout=0.0, council=0.0, presidency=0.0,
    ):
        super().__init__(model)
        self.weight = COERCION * coercion + INSTITUTIONS * institutions
        self.loyalty = loyalty
        self.opportunism = opportunism
        self.caution = caution
        self.caution_turnout = caution_turnout
        self.council = council  # authority of the two offices over this actor
        self.presidency = presidency
        self.stance = (0.0, 0.0, 0.0, 1.0)
        self.noise = None  # of the day's views

    def look(self):
        gauss = self.random.gauss
        self.noise = [gauss(0.0, NOISE) for _ in range(3)]

    def drift(self):
        # Three contenders written out: for so few, loops and lists cost more than they save.
        o = self.opportunism
        z0, z1, z2 = next(self.model.stir)
        patron, president, street = self.loyalty
        news = self.model.news
        self.loyalty = (
            clamp(patron + o * news[PATRON] + z0),
            clamp(president + o * news[PRESIDENT] + z1),
            clamp(street + o * news[STREET] + z2),
        )

    def authority(self):
        """Pull towards the patron and the president, who keeps his office till the end."""
        if self.model.council == PATRON:
            return self.council, self.presidency
        return 0.0, self.presidency + self.council

    def backing(self):
        """What private loyalty would give the patron and the president (7.5)."""
        # Loyalty and authority are bounded, so the softmax needs no guard against overflow.
        patron, president, street = self.loyalty
        to_patron, to_president = self.authority()
        patron = exp(SHARPNESS * (patron + to_patron))
        president = exp(SHARPNESS * (president + to_president))
        street = exp(SHARPNESS * street)
        share = self.weight / (patron + president + street)
        return share * patron, share * president

    def utilities(self):
        model = self.model
        f = model.f
        noise = self.noise
        sees_patron = exp(PROSPECT_WEIGHT * (f[PATRON] + noise[PATRON]))
        sees_president = exp(PROSPECT_WEIGHT * (f[PRESIDENT] + noise[PRESIDENT]))
        sees_street = exp(PROSPECT_WEIGHT * (f[STREET] + noise[STREET]))
        private = 1.0 - self.opportunism
        o = self.opportunism / (sees_patron + sees_president + sees_street)
        patron, president, street = self.loyalty
        to_patron, to_president = self.authority()
        return (
            SHARPNESS * (private * patron + o * sees_patron + to_patron),
            SHARPNESS * (private * president + o * sees_president + to_president),
            SHARPNESS * (private * street + o * sees_street),
            SHARPNESS * (self.caution + self.caution_turnout * model.crowd.turnout),
        )


class Person(Follower):
    """Stands whole on one side."""

    def __init__(self, model, *args, **kwargs):
        super().__init__(model, *args, **kwargs)
        self.taste = [-log(self.random.expovariate(1.0)) for _ in range(4)]  # Gumbel

    def choose(self):
        if self.random.random() < RECONSIDER:
            liked = [u + g for u, g in zip(self.utilities(), self.taste)]
            side = liked.index(max(liked))
            self.stance = [0.0] * 4
            self.stance[side] = 1.0


class Body(Follower):
    """May split."""

    def choose(self):
        patron, president, street, aside = self.utilities()
        patron = exp(patron)
        president = exp(president)
        street = exp(street)
        aside = exp(aside)
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
        self.turnout = 0.0
        for _ in range(16):
            felt = self.grievance - self.repression(self.turnout) - THRESHOLD_MEAN
            self.turnout = phi(felt / THRESHOLD_SD)

    def repression(self, turnout):
        return self.deterrence / (1.0 + 5.0 * turnout)

    def target(self, turnout):
        seen = turnout / (turnout + CROWD_HALF)
        felt = self.grievance + CONTAGION * seen - self.repression(turnout) + self.mood
        return phi((felt - THRESHOLD_MEAN) / THRESHOLD_SD)

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
        Person(self, [law(0.3), law(0.1), 0.0], institutions=0.05, council=0.10)  # chief
        Body(self, [law(0.3), law(0.1), 0.0], coercion=0.20, council=0.15)  # service
        Body(  # police
            self, [law(0.1), law(0.2), 0.1], coercion=0.40, caution=0.45, caution_turnout=0.6,
            council=0.10, presidency=0.10,
        )
        Body(  # army
            self, [law(0.1), law(0.2), 0.1], coercion=0.36, caution=0.55, caution_turnout=0.6,
            council=0.10, presidency=0.10,
        )
        Body(self, [law(0.3), law(0.2), 0.0], institutions=0.25, opportunism=0.8)  # party
        Body(  # officials
            self, [law(0.2), law(0.3), 0.0], institutions=0.30, opportunism=0.8, presidency=0.15
        )
        self.followers = self.agents.select(lambda agent: isinstance(agent, Follower))
        self.crowd = Crowd(self)

        self.leading = [0.0, 0.0, 0.0]
        for leader in leaders:
            self.leading[leader.side] = leader.weight
        self.support = self.leading  # before the break the others stand aside
        self.signal = [0.0, 0.0, 0.0]
        self.council = PATRON
        self.presidency = PRESIDENT
        self.open_break = False

        self.shocked = False
        self.concession = Action(random)
        self.building = Action(random, limit=3)
        self.seize = Action(random)
        self.dismiss = Action(random)
        self.storm = Action(random)
        self.seized = False

        self.f, self.prospects0 = self.prospects()
        self.news = None
        self.started = self.inclination(self.edge())
        self.run = 0
        self.outcome = None

    def prospects(self):
        momentum = (0.0, 0.0, 2.0 * self.crowd.turnout)
        f = [
            log(max(support + more, 0.0) + PROSPECT_FLOOR) + signal
            for support, more, signal in zip(self.support, momentum, self.signal)
        ]
        weights = [exp(PROSPECT_WEIGHT * value) for value in f]
        total = sum(weights)
        return f, [weight / total for weight in weights]

    def edge(self):
        """The formula `edge`: a contest of what private loyalty would give."""
        patron, president, _ = self.leading
        for follower in self.followers:
            to_patron, to_president = follower.backing()
            patron += to_patron
            president += to_president
        return president**2 / (president**2 + patron**2)

    def inclination(self, win):
        wait = self.bond - 2.0 * self.crowd.turnout - 0.1 * self.building.count
        gain = win * self.ambition - (1.0 - win) * 1.2 - wait
        return 1.0 / (1.0 + exp(-DECISION * gain))

    def step(self):
        t = self.steps - 1  # Mesa counts a step when it begins

        # Schedule
        if t == SHOCK_STEP:
            self.crowd.grievance += self.shock
            self.shocked = True

        # Perceive
        self.f, prospects = self.prospects()
        self.signal = [FADE * signal for signal in self.signal]
        if self.open_break and t % STEPS_A_DAY == 0:
            self.followers.do("look")

        # Drift
        self.news = [DRIFT * (p - p0) for p, p0 in zip(prospects, self.prospects0)]
        # One vector for all followers: number by number they would take a quarter of the time.
        self.stir = iter(self.rng.normal(0.0, DIFFUSION, (6, 3)).tolist())
        self.followers.do("drift")

        if self.open_break:
            self.followers.do("choose")
            support = list(self.leading)
            for follower in self.followers:
                weight, stance = follower.weight, follower.stance
                support[PATRON] += weight * stance[PATRON]
                support[PRESIDENT] += weight * stance[PRESIDENT]
                support[STREET] += weight * stance[STREET]
            self.support = support

        self.crowd.mobilise()
        self.act(t)
        self.settle(t)

    def act(self, t):
        # Everything is read before anything takes effect.
        turnout = self.crowd.turnout
        broken = self.open_break
        if not self.seize.count:
            win = self.edge()
            gained = self.inclination(win) - self.started

        first = t == 0
        due = [
            (self.concession, self.concession.due(turnout > 0.02, 0.5, first)),
            (self.building, self.building.due(turnout > 0.01, 5.0 * turnout, first)),
            (self.dismiss, self.dismiss.due(broken and self.presidency == PRESIDENT, 0.1)),
            (self.storm, self.storm.due(turnout > 0.15, 2.0 * turnout, first)),
        ]
        # Both leaders keep their offices till the council is tried for.
        if not self.seize.count:
            due.append((self.seize, self.seize.due(True, 2.0 * gained, first)))
        events = [(time, action) for action, times in due for time in times]
        # One after the other, until one decides the round. No other event closes a gate.
        for _, action in sorted(events, key=lambda event: event[0]):
            if self.presidency != PRESIDENT:
                break
            action.count += 1
            if action is self.concession:
                self.crowd.grievance -= 0.1
            elif action is self.building:
                self.signal[PRESIDENT] -= 0.1
                self.signal[STREET] += 0.05
            elif action is self.seize:
                if self.random.random() < win:
                    self.seized = True
                    self.council = PRESIDENT
                    self.signal[PRESIDENT] += 0.5
                else:
                    self.signal[PRESIDENT] -= 0.5
                self.open_break = True
                # Views are read from the next step on, and one that begins a day draws its own.
                if (t + 1) % STEPS_A_DAY:
                    self.followers.do("look")
            elif action is self.dismiss:
                if self.random.random() < 1.0 - self.edge():
                    self.presidency = PATRON
                else:
                    self.signal[PRESIDENT] += 0.3
            else:
                self.presidency = NOBODY
                self.open_break = True

    def settle(self, t):
        if self.presidency == NOBODY:
            self.outcome = "street_wins"
        elif self.presidency == PATRON:
            self.outcome = "patron_wins"
        elif self.council == PRESIDENT and self.support[PRESIDENT] > 0.6:
            self.run += 1
            if self.run > HOLD_STEPS:
                self.outcome = "president_wins"
        else:
            self.run = 0
        if self.outcome is None and t == STEPS - 1:
            self.outcome = "undecided" if self.open_break else "nothing"
        self.running = self.outcome is None


def play(job):
    """Plays rounds with these seeds and gives their counts and the sum of the days they lasted."""
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
        days += model.steps * DT
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
