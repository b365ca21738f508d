//! A scenario that uses every part of the model at once, in many forms: free and mixed stances, an
//! absent contender who comes and one who goes, two rallies with a night, promises, removals with
//! successors, branches, and decisions that lapse, wait and are weighed at meetings.

use std::fmt::Write;

/// What the forms differ in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    /// One tick.
    pub(crate) step: &'static str,
    /// How often movers weigh.
    pub(crate) every: &'static str,
    /// What is known of the time before.
    pub(crate) past: &'static str,
    /// From whose side the rest is sought.
    pub(crate) rest: &'static str,
    /// Whether rounds go on.
    pub(crate) play_on: bool,
    /// Structural switch.
    pub(crate) choice: &'static str,
    /// Structural switch.
    pub(crate) thresholds: &'static str,
    /// Whether live numbers read beliefs, rallies and backing while the rest is found.
    pub(crate) entangled: bool,
}

/// Forms in which each value of each part meets each value of the parts beside it.
pub(crate) fn forms() -> Vec<Form> {
    let steps = ["3h", "1d", "6h", "2d", "12h"];
    let every = ["6h", "1d", "2d", "0h", "7h"];
    let past = ["0d", "365d", "30d"];
    (0..30)
        .map(|n| Form {
            step: steps[n % 5],
            every: every[(n / 5 + n) % 5],
            past: past[n % 3],
            rest: ["", "new", "old", "", "street", "exile"][n % 6],
            play_on: n % 4 < 2,
            choice: ["logit", "best_reply"][n / 2 % 2],
            thresholds: ["normal", "logistic"][n / 3 % 2],
            entangled: n % 7 < 3,
        })
        .collect()
}

/// The scenario in a form.
pub(crate) fn hard_text(form: &Form) -> String {
    let Form {
        step,
        every,
        past,
        rest,
        play_on,
        choice,
        thresholds,
        entangled,
    } = form;
    let from = if rest.is_empty() {
        String::new()
    } else {
        format!("rest = '{rest}'")
    };
    let mut out = format!(
        "schema = 1
[clock]
start = 2022-01-01
days = 8
step = '{step}'
past = '{past}'
play_on = {play_on}
{from}
[dynamics]
choice = '{choice}'
thresholds = '{thresholds}'
"
    );
    let (sharpness, rupture, half, repression) = if *entangled {
        (
            "6 + 2 * backing.old",
            "0.2 * support.aside + 0.5 * happened.plot",
            "0.03 + 0.02 * turnout.mean + 0.01 * prospects.street",
            "0.1 + 0.2 * rally.plot.old + 0.1 * sees.army.old - 0.05 * repression.max",
        )
    } else {
        (
            "7 + nerve",
            "0.1 * min(day / 4, 1) + 0.6 * succeeded.plot",
            "0.03",
            "0.1 + 0.2 * backing.old.force",
        )
    };
    let _ = writeln!(
        out,
        "sharpness = '{sharpness}'\nrupture = '{rupture}'\ncrowd_half = '{half}'"
    );
    out.push_str(
        &BODY
            .replace("EVERY", every)
            .replace("REPRESSION", repression),
    );
    out
}

const BODY: &str = r"reconsider = 1.5
memory = { low = '1d', mode = '4d', high = '20d' }
drift = 0.3
diffusion = 0.01
noise = 0.5
mood_sd = '0.08 + 0.02 * lost'
signal_half_life = '2d'
[contenders]
old = { momentum = '-0.1 * turnout.felt' }
new = { standing = '0.2 * happened.plot - 0.1' }
street = { momentum = '0.4 * turnout.felt', standing = -0.2 }
exile = {}
[arenas]
force = 2
money = 1
word = 0.7
[parameters]
nerve = { low = 0.2, mode = 0.5, high = 1.0 }
bond = { min = 0.1, max = 0.5 }
[variables]
lost = 0
met = 0
[formulas]
gap = 'rally.plot.new.force - rally.plot.old.force'
hope = 'logistic(6 * gap)'
[actors.old]
power = { force = 0.2, money = 0.3, word = 0.5 }
loyalty.new = 0.1
[actors.new]
power = { force = 0.1, money = 0.2, word = 0.2 }
promise.old = 0.4
[actors.exile]
present = 0
power = { word = 0.4 }
[actors.guard]
kind = 'body'
power.force = { low = 0.3, mode = 0.5, high = 0.8 }
loyalty = { old = 0.6, new = 'bond + 0.2', exile = 0.3 }
promise = { new = 0.2, street = '-0.3 * nerve' }
opportunism = 0.4
caution = 'max(0.2, 0.4 - turnout.felt)'
[actors.army]
kind = 'body'
power = { force = 1, word = 0.1 }
loyalty = { old = { mean = 0.6, sd = 0.2 }, new = 0.4, street = 0.2 }
stance = { exile = 0.25, old = 0.3, new = 0.2 }
opportunism = 'nerve'
[actors.police]
kind = 'body'
power.force = 0.4
loyalty = { old = 0.5, street = 0.4 }
stance = 'old'
promise.exile = 0.1
[actors.minister]
power = { money = 0.4, word = 0.3 }
loyalty = { old = 0.4, new = 0.4 }
opportunism = 0.7
[actors.banker]
power.money = 0.8
loyalty = { exile = 0.8, new = 0.3 }
stance = 'exile'
caution = 0.3
[actors.heir]
power = { force = 0.1, word = 0.2 }
loyalty = { old = 0.7, new = 0.3 }
stance = 'old'
promise.new = 0.2
[actors.editor]
power.word = 0.9
loyalty.street = 0.6
caution = '0.5 - 0.3 * prospects.street'
stance = 'aside'
[actors.writer]
power.word = 0.3
loyalty = { new = 0.5, exile = 0.4 }
stance = { street = 0.3, exile = 0.2, new = 0.25 }
[actors.judge]
power = { word = 0.2, money = 0.1 }
loyalty.old = 0.5
stance = { new = 0.4, old = 0.6 }
[offices.palace]
holder = 'old'
successors = ['exile', 'heir', 'minister', 'old']
authority = { guard = 0.2, army = 'bond', police = 0.2, minister = 0.1, heir = 0.1, banker = -0.05 }
[offices.staff]
holder = 'heir'
successors = ['heir', 'old', 'new']
authority = { army = '0.15 + 0.2 * turnout.felt', guard = '0.1 + 0.1 * backing.new' }
power = { force = 'bond', word = 0.05 }
[offices.bank]
holder = { minister = 0.2, banker = 0.5 }
authority = { minister = 0.1, banker = 0.1 }
power.money = { low = 0.1, mode = 0.2, high = 0.4 }
[crowds.capital]
place = 3
appeal = { min = 1, max = 4 }
grievance = 0.45
threshold_mean = 0.9
contagion = 0.35
spillover = 0.3
repression = 'REPRESSION'
[crowds.west]
weight = 2
place = 0.5
appeal = 0.7
grievance = { low = 0.4, mode = 0.55, high = 0.7 }
threshold_mean = 0.9
contagion = 0.3
spillover = '0.5 * nerve'
[actions.shock]
at = 2022-01-02T09:00:00
effects = ['grievance.west += 0.3 * nerve', 'signal.street += 0.3', 'promise.*.old -= 0.1']
[actions.plot]
by = 'new'
when = 'present.old > 0 or present.exile > 0'
decide = { pace = 3, win = 'hope', prize = '1 + 0.2 * promise.new.old', price = '0.3', wait = '0.5 - 0.4 * turnout.felt', every = 'EVERY', weighed = 'always' }
rally = { side = 'new', first_move = '0.4 + 0.3 * holds.palace.new', night = 0.5 }
success = 'logistic(8 * (rally.plot.new.force - rally.plot.old.force))'
limit = 3
cool = '18h'
effects = ['loyalty.*.new += 0.1', 'stance.minister = new', 'signal.new += 0.5']
failure = ['promise.army.new -= 0.2', 'signal.old += 0.4', 'lost += 1']
[actions.plot.branches.flight]
on = 'success'
share = 'clamp(rally.plot.new, 0.2, 0.7)'
effects = ['remove.old = fled', 'openness *= 0.5']
[actions.plot.branches.arrest]
on = 'success'
share = 0.9
effects = ['remove.old = arrested', 'office.staff = minister', 'stance.heir = new']
[actions.plot.branches.purge]
on = 'failure'
share = '0.5 * nerve'
effects = ['remove.new = killed', 'present.banker = 0.5']
[actions.plot.branches.anyway]
share = 0.3
effects = ['stance.army = aside', 'remove.minister = confined', 'met += 1']
[actions.plot.branches.never]
share = 1
effects = ['power.police.force *= 1.5']
[actions.putsch]
by = 'heir'
decide = { pace = '2 + day', win = 'rally.putsch.new + 0.2', prize = 1, wait = '0.4 - 0.2 * happened.shock', every = 'EVERY' }
rally = { side = 'new', first_move = -0.1, night = '0.2 + 0.1 * count.putsch', claim = 0.6 }
success = 'rally.putsch.new > rally.putsch.old + 0.1 * rally.plot.aside.word'
limit = 2
effects = ['office.palace = heir', 'stance.police = new']
failure = ['remove.heir = exiled', 'remove.heir = retired']
[actions.order]
by = 'old'
when = 'turnout.felt > 0.02 or day > 1'
rate = 2
limit = 3
cool = '1d'
delay = { min = '2h', max = '30h' }
still = 'holds.palace.old and rally.plot.old > 0.2'
draws = { dead = { low = 0, mode = 2, high = 30 }, cost = { mean = 0.1, sd = 0.05 }, one = 1 }
effects = ['lost += dead / 10', 'grievance.* += 0.01 * dead - cost', 'promise.guard.old *= one / 2']
[actions.speech]
by = 'heir'
when = 'day > 0.5'
rate = 1
delay = '9h'
limit = 4
effects = ['signal.old += 0.1 * holds.staff.heir', 'promise.*.new = 0.1']
[actions.return]
when = 'day > 2 and turnout.felt > 0.01'
chance = 0.7
effects = ['present.exile = 1', 'signal.exile += 1', 'stance.banker = exile', 'power.exile.force = 0.3']
[actions.tick]
rate = 0.6
limit = 3
cool = '30h'
effects = ['met += 1', 'loyalty.guard.exile += 0.1']
[actions.session]
by = 'minister'
every = '50h'
rate = '0.4 + turnout.felt'
limit = 2
effects = ['promise.*.old += 0.05', 'signal.new -= 0.1']
[actions.vote]
when = 'holds.bank.banker or turnout.felt > 0.02'
every = '2d'
chance = '0.5 + 0.1 * count.session'
limit = 2
effects = ['met += 1', 'loyalty.judge.new += 0.2']
[outcomes.taken]
when = 'fate.old.arrested or fate.old.fled and present.new > 0'
[outcomes.crushed]
when = 'fate.new.killed'
hold = '1d'
[outcomes.squares]
when = 'turnout.felt > 0.3'
hold = '12h'
[outcomes.back]
when = 'support.exile > 0.3'
at_end = true
[outcomes.open]
otherwise = true
[flags.went]
when = 'fate.heir.retired + fate.minister.confined > 0'
[flags.crossed]
when = 'stance.army.exile > 0.05'
";
