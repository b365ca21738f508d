//! `scenarios/bench.toml` compiled by hand for the model of `docs/MODEL.md`.
//!
//! Everything that is known of the scenario is written into the program: there are no expressions, no names, no
//! slots, and no constant is read. What no number that is counted can depend on is left out: rallies but where
//! the president weighs his move or tries it, prospects, stances once nobody acts on them, clocks of what cannot
//! happen any more, rounds in which nothing more can happen. Rounds lie in tiles of [`W`] columns; a tile plays
//! sixteen steps in the nearest cache, then rounds are sorted anew: calm ones, broken ones, and those of which
//! only the crowd counts.

use std::ops::Range;

use kzsim::internals::engine::Isa;
use kzsim::internals::engine::draws;
use kzsim::internals::math;
use kzsim::internals::plan::{Plan, Prior};

use crate::counts::Counts;
use crate::laws::{self, Laws};

/// Columns of a tile.
pub const W: usize = 16;
/// Rounds that are played together.
pub const POOL: usize = 2048;
const STEPS: usize = 120;
/// Steps between two sortings: a block of random words.
const BLOCK: usize = 16;
const DAY: usize = 4;
const DT: f32 = 0.25;

// Contenders; an option more is to stand aside.
const PATRON: usize = 0;
const PRESIDENT: usize = 1;
const STREET: usize = 2;

// Actions, by their bits: all but the shock, which is dated.
const CONCESSION: usize = 0;
const BUILDING: usize = 1;
const SEIZE: usize = 2;
const DISMISS: usize = 3;
const STORM: usize = 4;
const CLOCKS: usize = 5;

// Outcomes.
const STREET_WINS: u32 = 0;
const PATRON_WINS: u32 = 1;
const PRESIDENT_WINS: u32 = 2;
const NOTHING: u32 = 3;
const UNDECIDED: u32 = 4;
const OPEN_OUTCOME: u32 = u32::MAX;

// Those who choose: chief, service, police, army, party, officials.
const ACTORS: usize = 6;
const CHIEF: usize = 0;
const ARENA: [usize; ACTORS] = [1, 0, 0, 0, 1, 1];
const POWER: [f32; ACTORS] = [0.05, 0.20, 0.40, 0.36, 0.25, 0.30];
const LEADERS: [f32; 2] = [0.02, 0.20];
const OPPORTUNISM: [f32; ACTORS] = [0.5, 0.5, 0.5, 0.5, 0.8, 0.8];
const CAUTION: [f32; ACTORS] = [0.5, 0.5, 0.45, 0.55, 0.5, 0.5];
const FEAR: [f32; ACTORS] = [0.0, 0.0, 0.6, 0.6, 0.0, 0.0];
const COUNCIL: [f32; ACTORS] = [0.10, 0.15, 0.10, 0.10, 0.0, 0.0];
const PRESIDENCY: [f32; ACTORS] = [0.0, 0.0, 0.10, 0.10, 0.0, 0.15];

/// All power of an arena, added in the order of actors.
const WHOLE: [f32; 2] = {
    let mut whole = [0.0; 2];
    let mut k = 0;
    while k < 2 {
        whole[k] += LEADERS[k];
        whole[k] += LEADERS[k];
        let mut a = 0;
        while a < ACTORS {
            if ARENA[a] == k {
                whole[k] += POWER[a];
            }
            a += 1;
        }
        k += 1;
    }
    whole
};
const ARENAS: [f32; 2] = [0.6 / (0.6 + 0.4), 0.4 / (0.6 + 0.4)];

// Rows of a tile.
const LOYALTY: usize = 0; // by actor, then contender
const GRANTED: usize = LOYALTY + 18;
const STANCE: usize = GRANTED + 18; // by actor, then option
const REST: usize = STANCE + 24; // reasons that custom is measured from
const CUSTOM: usize = REST + 24; // of the chief
const TASTE: usize = CUSTOM + 4; // of the chief
const HOME: usize = TASTE + 4; // of the chief
const SIGNAL: usize = HOME + 1;
const FORCE: usize = SIGNAL + 3; // at rest
const SHOCK: usize = FORCE + 3;
const AMBITION: usize = SHOCK + 1;
const DETERRENCE: usize = AMBITION + 1;
const BOND: usize = DETERRENCE + 1;
const DISPOSITION: usize = BOND + 1;
const PACE: usize = DISPOSITION + 1; // of the president, as last weighed
const GRIEVANCE: usize = PACE + 1;
const GRIEVANCE_START: usize = GRIEVANCE + 1;
const MOOD: usize = GRIEVANCE_START + 1;
const TURNOUT: usize = MOOD + 1;
const TURNOUT_START: usize = TURNOUT + 1;
const TARGET_START: usize = TURNOUT_START + 1;
const CLOCK: usize = TARGET_START + 1; // by action
const THRESHOLD: usize = CLOCK + CLOCKS;
const COUNT: usize = THRESHOLD + CLOCKS; // of buildings
const IN_COUNCIL: usize = COUNT + 1; // whether the president has the council
const SUM: usize = IN_COUNCIL + 1; // by arena, then contender: power that stands there
const STATE: usize = SUM + 6;
// Rows of a step.
const SHARE: usize = STATE; // by arena, then contender: of support, weighed
const SEEN: usize = SHARE + 6; // signals as they are seen
const ERROR: usize = SEEN + 3;
const Z: usize = ERROR + 1; // by actor, then contender: errors of the day
const SUPPORT: usize = Z + 18; // in a rally
const BOUND: usize = SUPPORT + 3; // by actor, then contender: what binds him in a rally
const BEFORE: usize = BOUND + 18; // clocks before the step
const ROWS: usize = BEFORE + CLOCKS;

// Rows of whole numbers.
const OPEN: usize = 0; // bits of actions that can still happen
const SPELL: usize = 1; // bits of gates that were open in the step before
const BROKEN: usize = 2; // whether the break is open
const NOTED: usize = 3; // the outcome
const RUN: usize = 4; // Settles in a row at which the president holds out
const STRUCK: usize = 5; // bits of clocks that strike
const FRESH: usize = 6; // bits of gates that are credited with half a step
const NUMBERS: usize = 7;

type Rows = [[f32; W]; ROWS];
type Words<const N: usize> = [[u32; W]; N];

/// Rounds side by side.
#[derive(Clone)]
#[repr(align(64))]
struct Tile {
    f: Rows,
    n: Words<NUMBERS>,
    /// Words of errors of view: by actor and contender, then day of a block.
    errors: Words<288>,
    rounds: [u64; W],
}

/// Where a round belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Calm,
    Broken,
    Crowd,
    Over,
}

/// Tiles of rounds of one kind: all columns before `len` are taken.
#[derive(Default)]
struct Pool {
    tiles: Vec<Tile>,
    len: usize,
}

/// A site of draws.
struct Site {
    key: [u32; 8],
    /// Whether sixteen rounds share a block.
    shared: bool,
}

impl Site {
    fn new(seed: u64, name: &str) -> Self {
        let bytes = draws::key(seed, name);
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|b| bytes[4 * i + b]));
        let own = ["perceive/", "choose/", "mood/"];
        Self {
            key: std::array::from_fn(word),
            shared: !own.iter().any(|start| name.starts_with(start)),
        }
    }

    /// The uniform number of a draw, as [`math::sided`] has it, of a word that is known.
    #[inline(always)]
    fn sided(&self, round: u64, index: u64, word: u32) -> f32 {
        if math::is_deep(word) {
            self.deep(round, index, word)
        } else {
            math::sided(word)
        }
    }

    /// The same with the further word that lies 2^63 positions on.
    #[cold]
    #[inline(never)]
    fn deep(&self, round: u64, index: u64, word: u32) -> f32 {
        let (stream, block, at) = if self.shared {
            (round / 16, index, round % 16)
        } else {
            (round, index / 16, index % 16)
        };
        let mut words = [[0; 1]; 16];
        draws::chacha8(&self.key, block + (1 << 59), &[stream], &mut words);
        math::sided_deep(word, words[at as usize][0])
    }
}

/// The sites of a seed.
struct Sites {
    errors: Vec<Site>,
    mood: Site,
    choose: Site,
    /// Those from which a round takes a word or none, with its index there.
    singles: Vec<(Site, u64)>,
    /// Priors, by their place among these, with their rows.
    priors: Vec<(Prior, usize)>,
}

// Places among single draws; priors come after them.
const FIRST_THRESHOLD: usize = 0; // by action
const FIRST_TASTE: usize = FIRST_THRESHOLD + CLOCKS; // by option
const DECIDE: usize = FIRST_TASTE + 4;
const NIGHT: usize = DECIDE + 1;
const SUCCESS: usize = NIGHT + 1;
const DISMISSED: usize = SUCCESS + 1;
const AGAIN: usize = DISMISSED; // less one: the second and the third building
const FIRST_PRIOR: usize = AGAIN + 3;

/// Words of single draws of the rounds of a pool.
struct Singles {
    first: u64,
    words: Vec<[u32; POOL]>,
}

impl Singles {
    /// Draws for rounds from a multiple of sixteen on.
    #[inline(always)]
    fn draw(&mut self, sites: &Sites, first: u64, count: usize) {
        self.first = first;
        let mut block = [[0; W]; 16];
        for ((site, index), words) in sites.singles.iter().zip(&mut self.words) {
            for at in (0..count).step_by(16 * W) {
                let streams = std::array::from_fn(|j| first / 16 + (at / 16 + j) as u64);
                draws::chacha8(&site.key, *index, &streams, &mut block);
                for j in 0..W {
                    let Some(words) = words[at + 16 * j..].first_chunk_mut::<16>() else {
                        break;
                    };
                    for i in 0..16 {
                        words[i] = block[i][j];
                    }
                }
            }
        }
    }

    /// A single draw of one round, as [`math::sided`] has it.
    #[inline(always)]
    fn one(&self, sites: &Sites, which: usize, round: u64) -> f32 {
        let (site, index) = &sites.singles[which];
        let word = self.words[which][(round - self.first) as usize % POOL];
        site.sided(round, *index, word)
    }

    /// The same of the rounds of a tile, which follow each other.
    #[inline(always)]
    fn row(
        &self,
        sites: &Sites,
        which: usize,
        rounds: &[u64; W],
        law: impl Fn(f32) -> f32,
    ) -> [f32; W] {
        let (site, index) = &sites.singles[which];
        let at = (rounds[0] - self.first) as usize;
        let words = &self.words[which][at..at + W];
        let mut e = [0.0; W];
        let mut any = 0;
        for i in 0..W {
            e[i] = math::sided(words[i]);
            any |= u32::from(math::is_deep(words[i]));
        }
        if any != 0 {
            for i in 0..W {
                e[i] = site.sided(rounds[i], *index, words[i]);
            }
        }
        let mut out = [0.0; W];
        for i in 0..W {
            out[i] = law(e[i]);
        }
        out
    }
}

/// Words below which a person looks again: `u < R`.
fn looks_below() -> u32 {
    let share = part(1.0);
    let (mut low, mut high) = (0, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if math::uniform(math::sided(middle)) < share {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn part(rate: f32) -> f32 {
    math::part_of(rate * DT)
}

/// Numbers of a step that follow from the coefficients.
struct Fixed {
    /// What is left of a signal.
    kept: f32,
    used_to: f32,
    /// How far a body moves.
    share: f32,
    mood_kept: f32,
    mood_spread: f32,
    pace: f32,
    fade: f32,
    /// The mood that a quiet past has seen.
    stirred: f32,
    looks_below: u32,
    /// Custom of bodies: on a side, and aside.
    custom: [f32; 4],
    /// Their stance at rest.
    stance: [f32; 4],
}

impl Fixed {
    fn new() -> Self {
        let custom = [0.001, 0.001, 0.001, 1.0].map(math::ln);
        Self {
            kept: math::exp(0.0 - (std::f32::consts::LN_2 * DT) / 3.0),
            used_to: math::part_of(DT / 10.0),
            share: part(1.0),
            mood_kept: math::exp(0.0 - DT / 2.0),
            mood_spread: 0.05 * math::part_of(2.0 * (DT / 2.0)).sqrt(),
            pace: part(0.8),
            fade: part(0.05),
            stirred: (2.0 * math::ln(math::max(365.0 / 2.0, 1.0))).sqrt() * 0.05,
            looks_below: looks_below(),
            custom,
            stance: laws::softmax::<laws::Exact, 4>(custom),
        }
    }
}

/// Plays rounds.
pub struct Limit {
    sites: Sites,
    fixed: Fixed,
    isa: Isa,
    singles: Singles,
    luck: Luck,
    calm: Pool,
    broken: Pool,
    crowd: Pool,
}

/// What is drawn for a block of steps of a tile.
#[repr(align(64))]
struct Luck {
    words: Words<BLOCK>,
    /// Normal numbers.
    moods: [[f32; W]; BLOCK],
    /// Words that say whether the chief looks again.
    looks: Words<BLOCK>,
}

impl Limit {
    /// Returns a player of a seed; the plan is that of `bench.toml`, for its priors.
    pub fn new(plan: Plan, seed: u64, isa: Isa) -> Self {
        let site = |name: &str| Site::new(seed, name);
        let ids = ["chief", "service", "police", "army", "party", "officials"];
        let contenders = ["patron", "president", "street"];
        let mut rows = vec![
            ("parameters.shock".to_owned(), SHOCK),
            ("parameters.ambition".to_owned(), AMBITION),
            ("parameters.deterrence".to_owned(), DETERRENCE),
            ("actors.president.loyalty.patron".to_owned(), BOND),
            ("crowds.city.grievance".to_owned(), GRIEVANCE),
        ];
        for (a, id) in ids.iter().enumerate() {
            for (c, contender) in contenders.iter().enumerate() {
                rows.push((
                    format!("actors.{id}.loyalty.{contender}"),
                    LOYALTY + 3 * a + c,
                ));
            }
        }
        let row = |prior: Prior| {
            let row = rows.iter().find(|(path, _)| *path == prior.path);
            let Some((_, row)) = row else {
                panic!(
                    "bench.toml has a prior that the limit does not know: {}",
                    prior.path
                )
            };
            (prior, *row)
        };
        let priors: Vec<_> = plan.priors.into_iter().map(row).collect();
        assert_eq!(
            priors.len(),
            17,
            "bench.toml has other priors than the limit"
        );
        let actions = ["concession", "building", "seize", "dismiss", "storm"];
        let options = ["patron", "president", "street", "aside"];
        let first = |name: &str| (Site::new(seed, name), 0);
        let mut singles: Vec<_> = actions.map(|id| first(&format!("act/{id}"))).into();
        singles.extend(options.map(|o| first(&format!("taste/chief/{o}"))));
        let more = [
            "decide/seize",
            "act/seize/night",
            "act/seize/success",
            "act/dismiss/success",
        ];
        singles.extend(more.map(first));
        singles.extend([1, 2].map(|index| (site("act/building"), index)));
        singles.extend(
            priors
                .iter()
                .map(|(prior, _)| first(&format!("prior/{}", prior.path))),
        );
        let pairs = ids
            .iter()
            .flat_map(|id| contenders.iter().map(move |c| (id, c)));
        Self {
            singles: Singles {
                first: 0,
                words: vec![[0; POOL]; singles.len()],
            },
            sites: Sites {
                errors: pairs
                    .map(|(id, c)| site(&format!("perceive/{id}/{c}")))
                    .collect(),
                mood: site("mood/city"),
                choose: site("choose/chief"),
                singles,
                priors,
            },
            fixed: Fixed::new(),
            isa,
            luck: Luck {
                words: [[0; W]; BLOCK],
                moods: [[0.0; W]; BLOCK],
                looks: [[0; W]; BLOCK],
            },
            calm: Pool::default(),
            broken: Pool::default(),
            crowd: Pool::default(),
        }
    }

    /// Plays rounds and counts them.
    pub fn play<L: Laws>(&mut self, rounds: Range<u64>) -> Counts {
        let mut counts = Counts::new(5, 6, 2, STEPS);
        assert_eq!(rounds.start % 16, 0, "sixteen rounds share a block");
        let mut first = rounds.start;
        while first < rounds.end {
            let count = (rounds.end - first).min(POOL as u64) as usize;
            self.play_pool::<L>(first, count, &mut counts);
            first += count as u64;
        }
        counts
    }

    fn play_pool<L: Laws>(&mut self, first: u64, count: usize, counts: &mut Counts) {
        self.calm.clear();
        self.broken.clear();
        self.crowd.clear();
        counts.rounds += count as u64;
        counts.actions[0][DAY] += count as u64;
        let (sites, fixed, isa) = (&self.sites, &self.fixed, self.isa);
        let singles = &mut self.singles;
        isa.run(
            #[inline(always)]
            || singles.draw(sites, first, count),
        );
        let singles = &self.singles;
        for at in (0..count).step_by(W) {
            let tile = self.calm.next_tile();
            tile.rounds = std::array::from_fn(|i| first + (at + i) as u64);
            isa.run(
                #[inline(always)]
                || tile.begin::<L>(sites, fixed, singles),
            );
        }
        self.calm.len = count;
        let luck = &mut self.luck;
        for block in 0..STEPS.div_ceil(BLOCK) {
            let steps = BLOCK * block..(BLOCK * (block + 1)).min(STEPS);
            for (kind, pool) in [
                (Kind::Calm, &mut self.calm),
                (Kind::Broken, &mut self.broken),
                (Kind::Crowd, &mut self.crowd),
            ] {
                let len = pool.len;
                for (at, tile) in pool.tiles[..len.div_ceil(W)].iter_mut().enumerate() {
                    let mut player = Player {
                        sites,
                        fixed,
                        singles,
                        counts: &mut *counts,
                        taken: (len - at * W).min(W),
                    };
                    let steps = steps.clone();
                    isa.run(
                        #[inline(always)]
                        || player.play::<L>(tile, kind, steps, luck),
                    );
                }
            }
            sort(
                [&mut self.calm, &mut self.broken, &mut self.crowd],
                steps.end,
            );
        }
        for pool in [&self.calm, &self.broken, &self.crowd] {
            for column in 0..pool.len {
                let (tile, i) = (&pool.tiles[column / W], column % W);
                if tile.n[NOTED][i] == OPEN_OUTCOME {
                    let broken = tile.n[BROKEN][i] != 0;
                    let outcome = if broken { UNDECIDED } else { NOTHING };
                    counts.outcomes[outcome as usize][STEPS] += 1;
                }
            }
        }
    }
}

/// Puts every round where it belongs for the steps from `t` on.
fn sort([calm, broken, crowd]: [&mut Pool; 3], t: usize) {
    calm.sort(Kind::Calm, t, [broken, crowd]);
    broken.sort(Kind::Broken, t, [&mut Pool::default(), crowd]);
    let mut none = [Pool::default(), Pool::default()];
    let [a, b] = &mut none;
    crowd.sort(Kind::Crowd, t, [a, b]);
}

impl Pool {
    fn clear(&mut self) {
        self.len = 0;
    }

    /// Returns the tile after all that are full.
    fn next_tile(&mut self) -> &mut Tile {
        let at = self.len / W;
        if at == self.tiles.len() {
            self.tiles.push(Tile {
                f: [[0.0; W]; ROWS],
                n: [[0; W]; NUMBERS],
                errors: [[0; W]; 288],
                rounds: [0; W],
            });
        }
        self.len = (at + 1) * W;
        &mut self.tiles[at]
    }

    /// Moves rounds of other kinds away, and the last ones into their places.
    fn sort(&mut self, own: Kind, t: usize, [broken, crowd]: [&mut Self; 2]) {
        let mut column = 0;
        while column < self.len {
            let kind = self.tiles[column / W].kind(column % W);
            if kind == own {
                column += 1;
                continue;
            }
            match kind {
                Kind::Broken => broken.push(&self.tiles[column / W], column % W, kind, t),
                Kind::Crowd => crowd.push(&self.tiles[column / W], column % W, kind, t),
                Kind::Calm | Kind::Over => {}
            }
            self.len -= 1;
            if column < self.len {
                let (last, i) = (self.len / W, self.len % W);
                if last == column / W {
                    self.tiles[last].shift(column % W, i);
                } else if let Ok([to, from]) = self.tiles.get_disjoint_mut([column / W, last]) {
                    to.take(column % W, from, i, own, t);
                }
            }
        }
    }

    fn push(&mut self, from: &Tile, i: usize, kind: Kind, t: usize) {
        let column = self.len;
        if column.is_multiple_of(W) {
            self.next_tile();
        }
        self.len = column + 1;
        self.tiles[column / W].take(column % W, from, i, kind, t);
    }
}

impl Tile {
    /// Takes a round of another tile into a column.
    fn take(&mut self, to: usize, from: &Self, i: usize, kind: Kind, t: usize) {
        let first = if kind == Kind::Crowd { DETERRENCE } else { 0 };
        for (a, b) in self.f[first..STATE].iter_mut().zip(&from.f[first..STATE]) {
            a[to] = b[i];
        }
        for (a, b) in self.n.iter_mut().zip(&from.n) {
            a[to] = b[i];
        }
        self.rounds[to] = from.rounds[i];
        let day = t / DAY % BLOCK;
        if kind != Kind::Crowd && day != 0 {
            for site in 0..18 {
                for d in day..BLOCK {
                    self.errors[BLOCK * site + d][to] = from.errors[BLOCK * site + d][i];
                }
            }
        }
    }

    /// Moves a round to another column.
    fn shift(&mut self, to: usize, i: usize) {
        for row in &mut self.f[..STATE] {
            row[to] = row[i];
        }
        for row in self.n.iter_mut().chain(&mut self.errors) {
            row[to] = row[i];
        }
        self.rounds[to] = self.rounds[i];
    }

    /// Where the round of a column belongs.
    fn kind(&self, i: usize) -> Kind {
        let open = self.n[OPEN][i];
        let can = |action: usize| open & (1 << action) != 0;
        let noted = self.n[NOTED][i] != OPEN_OUTCOME;
        if can(SEIZE) {
            return Kind::Calm;
        }
        // He presides, and may lose his place, with consequences; or his hold on it may be noted.
        let dismissal = can(DISMISS) && (!noted || can(CONCESSION));
        let hold = !noted && self.f[IN_COUNCIL][i] > 0.0;
        if dismissal || hold {
            return Kind::Broken;
        }
        let dismissal = can(DISMISS);
        let building = can(BUILDING) && self.f[COUNT][i] == 0.0;
        if !noted || can(CONCESSION) || building || can(STORM) || dismissal {
            return Kind::Crowd;
        }
        Kind::Over
    }
}

/// The target to which a crowd tends.
#[inline(always)]
fn target<L: Laws>(pushed: [f32; 2], deterrence: f32, x: f32, rest: [f32; 2]) -> f32 {
    let [grievance, mood] = pushed;
    let repression = deterrence / (1.0 + 5.0 * x);
    let seen = x / (x + 0.03);
    let pull = ((grievance + 0.15 * seen) - repression) + mood;
    let free = laws::normal_cdf::<L>((pull - 0.9) / 0.25);
    math::clamp01(rest[0] + (free - rest[1]))
}

/// What is behind each contender: support, momentum, and what nobody is denied. Nothing of it is below 0.
#[inline(always)]
fn behind(support: [f32; 3], x: f32) -> [f32; 3] {
    [
        support[PATRON] + 0.03,
        support[PRESIDENT] + 0.03,
        (support[STREET] + 2.0 * x) + 0.03,
    ]
}

/// Shares of support by arena, then contender, weighed; of power that stands there.
#[inline(always)]
fn weighed(sums: [[f32; 3]; 2]) -> [[f32; 3]; 2] {
    let mut out = sums;
    for k in 0..2 {
        for c in 0..3 {
            out[k][c] = ARENAS[k] * (sums[k][c] * (1.0 / WHOLE[k]));
        }
    }
    out
}

/// Support over both arenas.
#[inline(always)]
fn added(shares: [[f32; 3]; 2]) -> [f32; 3] {
    let [armed, civil] = shares;
    [
        armed[0] + civil[0],
        armed[1] + civil[1],
        armed[2] + civil[2],
    ]
}

/// Shares of support in a column.
#[inline(always)]
fn shares(f: &Rows, i: usize) -> [[f32; 3]; 2] {
    weighed([three(f, SUM, i), three(f, SUM + 3, i)])
}

/// What an actor orders his options by, without tastes. `orders` are those of the council and of the presidency,
/// each for the patron and the president.
#[inline(always)]
fn reasons<const A: usize>(
    loyalty: [f32; 3],
    view: [f32; 3],
    orders: [[f32; 2]; 2],
    x: f32,
) -> [f32; 4] {
    let o = OPPORTUNISM[A];
    let mut v = [0.0; 4];
    for c in 0..3 {
        let own = (1.0 - o) * loyalty[c] + o * view[c];
        let said = if c == STREET {
            0.0
        } else if COUNCIL[A] > 0.0 && PRESIDENCY[A] > 0.0 {
            COUNCIL[A] * orders[0][c] + PRESIDENCY[A] * orders[1][c]
        } else if COUNCIL[A] > 0.0 {
            COUNCIL[A] * orders[0][c]
        } else if PRESIDENCY[A] > 0.0 {
            PRESIDENCY[A] * orders[1][c]
        } else {
            0.0
        };
        v[c] = 8.0 * (own + said);
    }
    v[3] = 8.0 * caution(A, x);
    v
}

/// Offices before anybody has reached for them.
const OFFICES: [[f32; 2]; 2] = [[1.0, 0.0], [0.0, 1.0]];

/// The part of all power of each actor, and of either leader.
const PARTS: ([f32; ACTORS], f32) = {
    let mut parts = [0.0; ACTORS];
    let mut a = 0;
    while a < ACTORS {
        let k = ARENA[a];
        parts[a] = ARENAS[k] * (POWER[a] * (1.0 / WHOLE[k]));
        a += 1;
    }
    let armed = ARENAS[0] * (LEADERS[0] * (1.0 / WHOLE[0]));
    (parts, armed + ARENAS[1] * (LEADERS[1] * (1.0 / WHOLE[1])))
};

/// What binds an actor to each contender in a rally for the president, whatever he expects, beyond standing aside.
/// The council is the patron's, the presidency the president's.
#[inline(always)]
fn bound<const A: usize>(loyalty: [f32; 3], x: f32) -> [f32; 3] {
    let aside = 8.0 * caution(A, x);
    let mut out = [0.0; 3];
    for c in 0..3 {
        out[c] = 8.0 * ((1.0 - OPPORTUNISM[A]) * loyalty[c]) - aside;
    }
    if COUNCIL[A] > 0.0 {
        out[PATRON] += 8.0 * COUNCIL[A];
    }
    if PRESIDENCY[A] > 0.0 {
        out[PRESIDENT] += 8.0 * PRESIDENCY[A];
    }
    out
}

/// Where an actor would stand.
#[inline(always)]
fn answer<L: Laws, const A: usize>(bound: [f32; 3], expected: [f32; 3]) -> [f32; 4] {
    let mut score = [0.0; 3];
    for c in 0..3 {
        score[c] = L::fma(8.0 * OPPORTUNISM[A], expected[c], bound[c]);
    }
    laws::beyond_aside::<L>(score)
}

/// One reply of a rally for the president: support after it, from support before. The last is added up by arena.
/// Written out for all actors, since loops over columns become vectors only where no loop is left in them.
#[inline(always)]
fn reply<L: Laws, const LAST: bool>(
    f: &Rows,
    i: usize,
    support_before: [f32; 3],
    x: f32,
    first_move: f32,
) -> [f32; 3] {
    let signal = three(f, SIGNAL, i);
    let expected = laws::prospects::<L>(behind(support_before, x), signal, [0.0, first_move, 0.0]);
    let mut sums = LEADERS.map(|power| [power, power, 0.0]);
    let mut support = [PARTS.1, PARTS.1, 0.0];
    macro_rules! answers {
        ($($a:literal)*) => {$(
            let stands = answer::<L, $a>(three(f, BOUND + 3 * $a, i), expected);
            for c in 0..3 {
                if LAST {
                    let sum = &mut sums[ARENA[$a]][c];
                    *sum = L::fma(POWER[$a], stands[c], *sum);
                } else {
                    support[c] = L::fma(PARTS.0[$a], stands[c], support[c]);
                }
            }
        )*};
    }
    answers!(0 1 2 3 4 5);
    if LAST { added(weighed(sums)) } else { support }
}

/// What binds each actor in a rally, in one column.
#[inline(always)]
fn bind(f: &mut Rows, i: usize, x: f32) {
    macro_rules! bind {
        ($($a:literal)*) => {$(
            let own = bound::<$a>(three(f, LOYALTY + 3 * $a, i), x);
            for c in 0..3 {
                f[BOUND + 3 * $a + c][i] = own[c];
            }
        )*};
    }
    bind!(0 1 2 3 4 5);
}

/// What standing aside is worth.
#[inline(always)]
fn caution(a: usize, x: f32) -> f32 {
    if FEAR[a] > 0.0 {
        CAUTION[a] + FEAR[a] * x
    } else {
        CAUTION[a]
    }
}

/// The inclination of the president to move.
#[inline(always)]
fn inclination<L: Laws>(win: f32, prize: f32, bond: f32, x: f32, buildings: f32) -> f32 {
    let wait = (bond - 2.0 * x) - 0.1 * buildings;
    let better = ((win * prize) - ((1.0 - win) * 1.2)) - wait;
    1.0 / (1.0 + laws::exp::<L>(0.0 - 12.0 * better))
}

/// What moving first adds to the prospects of the president, without the luck of a night.
const FIRST_MOVE: f32 = 0.15;

#[inline(always)]
fn three(f: &Rows, row: usize, i: usize) -> [f32; 3] {
    [f[row][i], f[row + 1][i], f[row + 2][i]]
}

/// Power by stance.
#[inline(always)]
fn add_power<L: Laws>(f: &mut Rows) {
    for i in 0..W {
        for c in 0..3 {
            let mut sums = if c == STREET { [0.0; 2] } else { LEADERS };
            for a in 0..ACTORS {
                let sum = &mut sums[ARENA[a]];
                *sum = L::fma(POWER[a], f[STANCE + 4 * a + c][i], *sum);
            }
            f[SUM + c][i] = sums[0];
            f[SUM + 3 + c][i] = sums[1];
        }
    }
}

/// How far the contest for the council would go to the president, in each column, at the turnouts of a row: left
/// in the row of errors.
#[inline(always)]
fn edges<L: Laws>(f: &mut Rows, turnout: usize) {
    for i in 0..W {
        let now = added(shares(f, i));
        for c in 0..3 {
            f[SUPPORT + c][i] = now[c];
        }
        bind(f, i, f[turnout][i]);
    }
    for _ in 0..3 {
        for i in 0..W {
            let next = reply::<L, false>(f, i, three(f, SUPPORT, i), f[turnout][i], FIRST_MOVE);
            for c in 0..3 {
                f[SUPPORT + c][i] = next[c];
            }
        }
    }
    for i in 0..W {
        let last = reply::<L, true>(f, i, three(f, SUPPORT, i), f[turnout][i], FIRST_MOVE);
        for c in 0..3 {
            f[SUPPORT + c][i] = last[c];
        }
    }
    for i in 0..W {
        f[ERROR][i] = laws::contest::<L>(f[SUPPORT + PRESIDENT][i], f[SUPPORT + PATRON][i]);
    }
}

impl Tile {
    /// Begins rounds: priors, rest, custom, disposition.
    #[inline(always)]
    fn begin<L: Laws>(&mut self, sites: &Sites, fixed: &Fixed, singles: &Singles) {
        let f = &mut self.f;
        // All others are written before they are read.
        for rows in [
            SIGNAL..FORCE,
            PACE..GRIEVANCE,
            MOOD..TURNOUT_START,
            CLOCK..THRESHOLD,
            COUNT..SUM,
            SEEN..Z,
        ] {
            f[rows].fill([0.0; W]);
        }
        // The police and the army like the street a little.
        for a in 0..ACTORS {
            f[LOYALTY + 3 * a + STREET] = [if a == 2 || a == 3 { 0.1 } else { 0.0 }; W];
        }
        let row =
            |which: usize, law: &dyn Fn(f32) -> f32| singles.row(sites, which, &self.rounds, law);
        for (p, (prior, to)) in sites.priors.iter().enumerate() {
            f[*to] = row(FIRST_PRIOR + p, &|e| prior.at(e));
        }
        for action in 0..CLOCKS {
            f[THRESHOLD + action] = singles.row(
                sites,
                FIRST_THRESHOLD + action,
                &self.rounds,
                math::exponential,
            );
        }
        for o in 0..4 {
            f[TASTE + o] = singles.row(sites, FIRST_TASTE + o, &self.rounds, math::gumbel);
        }
        f[GRIEVANCE_START] = f[GRIEVANCE];
        f[HOME].fill(3.0);
        let open = (1 << CONCESSION) | (1 << BUILDING) | (1 << SEIZE) | (1 << STORM);
        self.n = [[0; W]; NUMBERS];
        self.n[OPEN].fill(open);
        self.n[NOTED].fill(OPEN_OUTCOME);
        for a in 0..ACTORS {
            for o in 0..4 {
                let person = if o == 3 { 1.0 } else { 0.0 };
                f[STANCE + 4 * a + o].fill(if a == CHIEF { person } else { fixed.stance[o] });
            }
        }
        for _ in 0..16 {
            for i in 0..W {
                let pushed = [f[GRIEVANCE][i], 0.0];
                f[TURNOUT][i] = target::<L>(pushed, f[DETERRENCE][i], f[TURNOUT][i], [0.0; 2]);
            }
        }
        for i in 0..W {
            let x = f[TURNOUT][i];
            f[TURNOUT_START][i] = x;
            f[TARGET_START][i] = target::<L>([f[GRIEVANCE][i], 0.0], f[DETERRENCE][i], x, [0.0; 2]);
        }
        add_power::<L>(f);
        for i in 0..W {
            let shares = shares(f, i);
            let force = behind(added(shares), f[TURNOUT][i]);
            for c in 0..3 {
                f[FORCE + c][i] = laws::force::<L>(force[c]);
                f[SHARE + c][i] = shares[0][c];
                f[SHARE + 3 + c][i] = shares[1][c];
            }
        }
        rest::<L, 0>(f);
        rest::<L, 1>(f);
        rest::<L, 2>(f);
        rest::<L, 3>(f);
        rest::<L, 4>(f);
        rest::<L, 5>(f);
        used_to_aside(f);
        self.dispose::<L>(sites, fixed, singles);
    }

    /// Draws above which inclination the president is resolved.
    #[inline(always)]
    fn dispose<L: Laws>(&mut self, sites: &Sites, fixed: &Fixed, singles: &Singles) {
        let f = &mut self.f;
        edges::<L>(f, TURNOUT);
        for i in 0..W {
            let x = f[TURNOUT][i];
            f[DISPOSITION][i] = inclination::<L>(f[ERROR][i], f[AMBITION][i], f[BOND][i], x, 0.0);
            f[BEFORE][i] = x;
        }
        for _ in 0..16 {
            for i in 0..W {
                let pushed = [f[GRIEVANCE][i], fixed.stirred];
                let rest = [f[TURNOUT_START][i], f[TARGET_START][i]];
                f[BEFORE][i] = target::<L>(pushed, f[DETERRENCE][i], f[BEFORE][i], rest);
            }
        }
        edges::<L>(f, BEFORE);
        let u = singles.row(sites, DECIDE, &self.rounds, math::uniform);
        for i in 0..W {
            let x = f[BEFORE][i];
            let stirred = inclination::<L>(f[ERROR][i], f[AMBITION][i], f[BOND][i], x, 0.0);
            let stayed = math::max(f[DISPOSITION][i], stirred);
            f[DISPOSITION][i] = stayed + (1.0 - stayed) * u[i];
        }
    }
}

/// What an actor sees: his view of prospects, for power as it stands.
#[inline(always)]
fn view<L: Laws, const A: usize>(f: &Rows, i: usize) -> [f32; 3] {
    let k = ARENA[A];
    let rest = WHOLE[k] - POWER[A];
    let mut support = [0.0; 3];
    for c in 0..3 {
        // Never below 0: what he adds to it is rounded once, and so is the sum.
        let others = f[SUM + 3 * k + c][i] - POWER[A] * f[STANCE + 4 * A + c][i];
        let own = ARENAS[k] * (others * (1.0 / rest));
        support[c] = own + f[SHARE + 3 * (1 - k) + c][i];
    }
    let error = f[ERROR][i];
    let wrong = [
        error * f[Z + 3 * A][i],
        error * f[Z + 3 * A + 1][i],
        error * f[Z + 3 * A + 2][i],
    ];
    laws::prospects::<L>(behind(support, f[TURNOUT][i]), three(f, SEEN, i), wrong)
}

/// What an actor is used to at rest.
#[inline(always)]
fn rest<L: Laws, const A: usize>(f: &mut Rows) {
    for i in 0..W {
        let view = view::<L, A>(f, i);
        let v = reasons::<A>(three(f, LOYALTY + 3 * A, i), view, OFFICES, f[TURNOUT][i]);
        for c in 0..3 {
            f[GRANTED + 3 * A + c][i] = view[c];
        }
        for o in 0..4 {
            // Tastes of a person are added later.
            f[REST + 4 * A + o][i] = v[o];
        }
    }
}

/// Custom of the chief, who is seen to stand aside.
#[inline(always)]
fn used_to_aside(f: &mut Rows) {
    for i in 0..W {
        let v: [f32; 4] = std::array::from_fn(|o| f[REST + 4 * CHIEF + o][i]);
        let mut top = f32::MIN;
        for o in 0..4 {
            top = math::max(v[o], top);
        }
        let mut sum = 0.0;
        for o in 0..4 {
            sum += math::exp(v[o] - top);
        }
        let rest = math::ln(sum);
        let own = f[TASTE + 3][i];
        for o in 0..3 {
            let taste = f[TASTE + o][i];
            let gap = ((v[o] - top) - rest) - own;
            let behind = gap - math::ln(math::exp(gap) + math::exp(0.0 - taste));
            f[CUSTOM + o][i] = math::min(behind, -0.001);
        }
        f[CUSTOM + 3][i] = 0.0;
        for o in 0..4 {
            f[REST + 4 * CHIEF + o][i] = v[o] + f[TASTE + o][i];
        }
    }
}

/// Plays the rounds of a tile.
struct Player<'a> {
    sites: &'a Sites,
    fixed: &'a Fixed,
    singles: &'a Singles,
    counts: &'a mut Counts,
    /// Columns that are taken.
    taken: usize,
}

impl Player<'_> {
    #[inline(always)]
    fn play<L: Laws>(&mut self, tile: &mut Tile, kind: Kind, steps: Range<usize>, luck: &mut Luck) {
        self.moods(tile, steps.start, luck);
        match kind {
            Kind::Calm => self.play_minds::<L, true>(tile, steps, luck),
            Kind::Broken => self.play_minds::<L, false>(tile, steps, luck),
            _ => {
                for t in steps {
                    self.crowd_moves::<L>(tile, &luck.moods[t % BLOCK]);
                    self.clocks::<L, true>(tile, t);
                }
            }
        }
    }

    /// Draws the luck of moods for a block of steps.
    #[inline(always)]
    fn moods(&self, tile: &Tile, t: usize, luck: &mut Luck) {
        let site = &self.sites.mood;
        draws::chacha8(&site.key, (t / BLOCK) as u64, &tile.rounds, &mut luck.words);
        for (j, (words, z)) in luck.words.iter().zip(&mut luck.moods).enumerate() {
            let index = (t + j) as u64;
            laws::normals(words, z, |i, word| site.deep(tile.rounds[i], index, word));
        }
    }

    #[inline(always)]
    fn play_minds<L: Laws, const CALM: bool>(
        &mut self,
        tile: &mut Tile,
        steps: Range<usize>,
        luck: &mut Luck,
    ) {
        let block = (steps.start / BLOCK) as u64;
        draws::chacha8(&self.sites.choose.key, block, &tile.rounds, &mut luck.looks);
        if steps.start.is_multiple_of(BLOCK * DAY) {
            let block = (steps.start / (BLOCK * DAY)) as u64;
            let (rows, _) = tile.errors.as_chunks_mut::<BLOCK>();
            for (site, words) in self.sites.errors.iter().zip(rows) {
                draws::chacha8(&site.key, block, &tile.rounds, words);
            }
        }
        for t in steps {
            if t == DAY {
                for i in 0..W {
                    tile.f[GRIEVANCE][i] += tile.f[SHOCK][i];
                }
            }
            if t.is_multiple_of(DAY) {
                self.new_day(tile, t / DAY);
            }
            self.minds::<L, CALM>(tile, &luck.looks[t % BLOCK]);
            self.crowd_moves::<L>(tile, &luck.moods[t % BLOCK]);
            if CALM && t.is_multiple_of(DAY) {
                Self::weigh::<L>(tile);
            }
            self.clocks::<L, false>(tile, t);
            if !CALM || tile.n[BROKEN].iter().any(|broken| *broken != 0) {
                self.hold(tile, t);
            }
        }
    }

    /// Draws the errors of a day.
    #[inline(always)]
    fn new_day(&self, tile: &mut Tile, day: usize) {
        for (s, site) in self.sites.errors.iter().enumerate() {
            let words = &tile.errors[BLOCK * s + day % BLOCK];
            laws::normals(words, &mut tile.f[Z + s], |i, word| {
                site.deep(tile.rounds[i], day as u64, word)
            });
        }
    }

    /// Perceive, Drift and Choose.
    #[inline(always)]
    fn minds<L: Laws, const CALM: bool>(&self, tile: &mut Tile, looks: &[u32; W]) {
        let f = &mut tile.f;
        let kept = self.fixed.kept;
        for i in 0..W {
            let shares = shares(f, i);
            let behind = behind(added(shares), f[TURNOUT][i]);
            let mut new = 0.0;
            for c in 0..3 {
                f[SHARE + c][i] = shares[0][c];
                f[SHARE + 3 + c][i] = shares[1][c];
                let signal = f[SIGNAL + c][i];
                let force = laws::force::<L>(behind[c]) + signal;
                new = math::max((force - f[FORCE + c][i]).abs(), new);
                f[SEEN + c][i] = signal;
                f[SIGNAL + c][i] = signal * kept;
            }
            f[ERROR][i] = 0.35 * math::min(new, 1.0);
        }
        let broken = &tile.n[BROKEN];
        self.mind::<L, 0, CALM>(f, broken, looks);
        self.mind::<L, 1, CALM>(f, broken, looks);
        self.mind::<L, 2, CALM>(f, broken, looks);
        self.mind::<L, 3, CALM>(f, broken, looks);
        self.mind::<L, 4, CALM>(f, broken, looks);
        self.mind::<L, 5, CALM>(f, broken, looks);
        add_power::<L>(f);
    }

    /// One actor sees, drifts and chooses.
    #[inline(always)]
    fn mind<L: Laws, const A: usize, const CALM: bool>(
        &self,
        f: &mut Rows,
        broken: &[u32; W],
        looks: &[u32; W],
    ) {
        let fixed = self.fixed;
        let (used_to, share, looks_below) = (fixed.used_to, fixed.share, fixed.looks_below);
        let custom = fixed.custom;
        for i in 0..W {
            let view = view::<L, A>(f, i);
            let mut loyalty = three(f, LOYALTY + 3 * A, i);
            for c in 0..3 {
                let granted = f[GRANTED + 3 * A + c][i];
                let news = view[c] - granted;
                let moved = loyalty[c] + ((0.05 * OPPORTUNISM[A]) * news) * DT;
                loyalty[c] = math::clamp01(moved);
                f[LOYALTY + 3 * A + c][i] = loyalty[c];
                f[GRANTED + 3 * A + c][i] = L::fma(used_to, news, granted);
            }
            let taken = f[IN_COUNCIL][i];
            let offices = if CALM && COUNCIL[A] == 0.0 {
                OFFICES
            } else {
                [[1.0 - taken, taken], [0.0, 1.0]]
            };
            let mut score = reasons::<A>(loyalty, view, offices, f[TURNOUT][i]);
            if A == CHIEF {
                for o in 0..4 {
                    score[o] += f[TASTE + o][i];
                }
            }
            if CALM {
                for o in 0..4 {
                    let custom = if A == CHIEF {
                        f[CUSTOM + o][i]
                    } else {
                        custom[o]
                    };
                    let held = (score[o] - f[REST + 4 * A + o][i]) + custom;
                    score[o] = if broken[i] != 0 { score[o] } else { held };
                }
            }
            if A == CHIEF {
                let mut top = score[0];
                let mut best = 0.0;
                for o in 1..4 {
                    let better = score[o] > top;
                    top = if better { score[o] } else { top };
                    best = if better { o as f32 } else { best };
                }
                let home = f[HOME][i];
                let moves = (looks[i] < looks_below) & (best != home);
                for o in 0..4 {
                    let now = f[STANCE + 4 * A + o][i];
                    let whole = if best == o as f32 { 1.0 } else { 0.0 };
                    f[STANCE + 4 * A + o][i] = if moves { whole } else { now };
                }
                f[HOME][i] = if moves { best } else { home };
            } else {
                let target = laws::softmax::<L, 4>(score);
                for o in 0..3 {
                    let now = f[STANCE + 4 * A + o][i];
                    f[STANCE + 4 * A + o][i] = L::fma(share, target[o] - now, now);
                }
            }
        }
    }

    /// The president weighs his move.
    #[inline(always)]
    fn weigh<L: Laws>(tile: &mut Tile) {
        let f = &mut tile.f;
        edges::<L>(f, TURNOUT);
        for i in 0..W {
            let (x, buildings) = (f[TURNOUT][i], f[COUNT][i]);
            let p = inclination::<L>(f[ERROR][i], f[AMBITION][i], f[BOND][i], x, buildings);
            f[PACE][i] = if p > f[DISPOSITION][i] { 2.0 } else { 0.0 };
        }
    }

    /// Mobilise.
    #[inline(always)]
    fn crowd_moves<L: Laws>(&self, tile: &mut Tile, z: &[f32; W]) {
        let f = &mut tile.f;
        let fixed = self.fixed;
        let (kept, spread) = (fixed.mood_kept, fixed.mood_spread);
        let (pace, fade) = (fixed.pace, fixed.fade);
        for i in 0..W {
            let mood = f[MOOD][i] * kept + spread * z[i];
            let (grievance, x) = (f[GRIEVANCE][i], f[TURNOUT][i]);
            let (deterrence, pushed) = (f[DETERRENCE][i], [grievance, mood]);
            let rest = [f[TURNOUT_START][i], f[TARGET_START][i]];
            let first = target::<L>(pushed, deterrence, x, rest);
            let predicted = L::fma(pace, first - x, x);
            let second = target::<L>(pushed, deterrence, predicted, rest);
            let middle = 0.5 * (first + second);
            f[MOOD][i] = mood;
            f[TURNOUT][i] = math::clamp01(L::fma(pace, middle - x, x));
            f[GRIEVANCE][i] = L::fma(fade, f[GRIEVANCE_START][i] - grievance, grievance);
        }
    }

    /// Act: clocks run, and what strikes happens.
    #[inline(always)]
    fn clocks<L: Laws, const ALONE: bool>(&mut self, tile: &mut Tile, t: usize) {
        let (f, n) = (&mut tile.f, &mut tile.n);
        let at_start = if t == 0 { u32::MAX } else { 0 };
        let mut any = 0;
        for i in 0..W {
            let x = f[TURNOUT][i];
            let gates = n[OPEN][i]
                & (u32::from(x > 0.02)
                    | (u32::from(x > 0.01) << BUILDING)
                    | (1 << SEIZE)
                    | (1 << DISMISS)
                    | (u32::from(x > 0.15) << STORM));
            let fresh = gates & !(n[SPELL][i] | at_start);
            let mut struck = clock::<CONCESSION>(f, i, x, gates, fresh);
            struck |= clock::<BUILDING>(f, i, x, gates, fresh);
            if !ALONE {
                struck |= clock::<SEIZE>(f, i, x, gates, fresh);
            }
            struck |= clock::<DISMISS>(f, i, x, gates, fresh);
            struck |= clock::<STORM>(f, i, x, gates, fresh);
            n[SPELL][i] = gates;
            n[FRESH][i] = fresh;
            n[STRUCK][i] = struck;
            any |= struck;
        }
        if any == 0 {
            return;
        }
        for i in 0..self.taken {
            if tile.n[STRUCK][i] != 0 {
                self.happen::<L, ALONE>(tile, i, t);
            }
        }
    }

    /// Lets happen what strikes in a round, in the order of its times.
    #[inline(never)]
    fn happen<L: Laws, const ALONE: bool>(&mut self, tile: &mut Tile, i: usize, t: usize) {
        let x = tile.f[TURNOUT][i];
        let (struck, fresh) = (tile.n[STRUCK][i], tile.n[FRESH][i]);
        let pace = tile.f[PACE][i];
        let crossing = |f: &Rows, action: usize| {
            let gain = rate(action, x, pace) * DT;
            let lead = if fresh & (1 << action) != 0 { 0.5 } else { 0.0 };
            let steps = (f[THRESHOLD + action][i] - f[BEFORE + action][i]) / gain;
            math::max(steps - lead, 0.0 - lead)
        };
        let mut next: [f32; CLOCKS] = std::array::from_fn(|action| {
            if struck & (1 << action) != 0 {
                crossing(&tile.f, action)
            } else {
                f32::INFINITY
            }
        });
        loop {
            let mut action = CLOCKS;
            let mut soonest = f32::INFINITY;
            for (other, time) in next.iter().enumerate() {
                if *time < soonest {
                    (action, soonest) = (other, *time);
                }
            }
            if action == CLOCKS {
                return;
            }
            next[action] = f32::INFINITY;
            if tile.n[OPEN][i] & (1 << action) == 0 {
                continue;
            }
            if action == BUILDING {
                let again = self.building::<ALONE>(tile, i, t);
                if again {
                    next[BUILDING] = crossing(&tile.f, BUILDING);
                }
                continue;
            }
            self.counts.actions[action + 1][t] += 1;
            tile.n[OPEN][i] &= !(1 << action);
            match action {
                CONCESSION => tile.f[GRIEVANCE][i] -= 0.1,
                SEIZE => self.seize::<L>(tile, i),
                DISMISS if !ALONE => self.dismiss::<L>(tile, i, t),
                STORM => {
                    tile.n[BROKEN][i] = 1;
                    tile.n[OPEN][i] &= !((1 << SEIZE) | (1 << DISMISS));
                    self.note(tile, i, STREET_WINS, t);
                }
                _ => {}
            }
        }
    }

    /// A building falls. Returns whether another one does in the same step.
    #[inline(always)]
    fn building<const ALONE: bool>(&mut self, tile: &mut Tile, i: usize, t: usize) -> bool {
        let f = &mut tile.f;
        f[COUNT][i] += 1.0;
        if f[COUNT][i] == 1.0 {
            self.counts.actions[BUILDING + 1][t] += 1;
            self.counts.flags[1] += 1;
        }
        f[SIGNAL + PRESIDENT][i] -= 0.1;
        f[SIGNAL + STREET][i] += 0.05;
        if ALONE || f[COUNT][i] >= 3.0 {
            tile.n[OPEN][i] &= !(1 << BUILDING);
            return false;
        }
        let e = self
            .singles
            .one(self.sites, AGAIN + f[COUNT][i] as usize, tile.rounds[i]);
        f[THRESHOLD + BUILDING][i] += math::exponential(e);
        f[CLOCK + BUILDING][i] >= f[THRESHOLD + BUILDING][i]
    }

    /// The president reaches for the council.
    #[inline(always)]
    fn seize<L: Laws>(&mut self, tile: &mut Tile, i: usize) {
        let round = tile.rounds[i];
        let f = &mut tile.f;
        let luck = math::normal(self.singles.one(self.sites, NIGHT, round));
        let mut now = added(shares(f, i));
        let (x, first_move) = (f[TURNOUT][i], FIRST_MOVE + 0.25 * luck);
        bind(f, i, x);
        for _ in 0..3 {
            now = reply::<L, false>(f, i, now, x, first_move);
        }
        now = reply::<L, true>(f, i, now, x, first_move);
        let edge = laws::contest::<L>(now[PRESIDENT], now[PATRON]);
        tile.n[BROKEN][i] = 1;
        tile.n[OPEN][i] |= 1 << DISMISS;
        if math::uniform(self.singles.one(self.sites, SUCCESS, round)) < edge {
            self.counts.flags[0] += 1;
            f[IN_COUNCIL][i] = 1.0;
            f[SIGNAL + PRESIDENT][i] += 0.5;
        } else {
            f[SIGNAL + PRESIDENT][i] -= 0.5;
        }
    }

    /// The patron dismisses the president.
    #[inline(always)]
    fn dismiss<L: Laws>(&mut self, tile: &mut Tile, i: usize, t: usize) {
        let now = added(shares(&tile.f, i));
        let chance = laws::contest::<L>(now[PATRON], now[PRESIDENT]);
        if math::uniform(self.singles.one(self.sites, DISMISSED, tile.rounds[i])) < chance {
            tile.n[OPEN][i] &= !((1 << CONCESSION) | (1 << SEIZE));
            self.note(tile, i, PATRON_WINS, t);
        } else {
            tile.f[SIGNAL + PRESIDENT][i] += 0.3;
        }
    }

    /// Settle: whether the president has held out for five days.
    #[inline(always)]
    fn hold(&mut self, tile: &mut Tile, t: usize) {
        let (f, n) = (&tile.f, &mut tile.n);
        let mut any = 0;
        for i in 0..W {
            let holds = (f[IN_COUNCIL][i] > 0.0) & (added(shares(f, i))[PRESIDENT] > 0.6);
            let run = if holds { n[RUN][i] + 1 } else { 0 };
            n[RUN][i] = run;
            any |= u32::from(run == 21);
        }
        if any != 0 {
            for i in 0..self.taken {
                if tile.n[RUN][i] == 21 {
                    self.note(tile, i, PRESIDENT_WINS, t);
                }
            }
        }
    }

    /// Notes an outcome, if there is none yet.
    #[inline(always)]
    fn note(&mut self, tile: &mut Tile, i: usize, outcome: u32, t: usize) {
        if tile.n[NOTED][i] == OPEN_OUTCOME {
            tile.n[NOTED][i] = outcome;
            self.counts.outcomes[outcome as usize][t + 1] += 1;
        }
    }
}

/// Runs a clock for a step. Returns its bit if it strikes.
#[inline(always)]
fn clock<const ACTION: usize>(f: &mut Rows, i: usize, x: f32, gates: u32, fresh: u32) -> u32 {
    let bit = 1 << ACTION;
    let gain = rate(ACTION, x, f[PACE][i]);
    let step = if fresh & bit != 0 {
        (1.5 * gain) * DT
    } else {
        gain * DT
    };
    let before = f[CLOCK + ACTION][i];
    let clock = if gates & bit != 0 {
        before + step
    } else {
        before
    };
    f[BEFORE + ACTION][i] = before;
    f[CLOCK + ACTION][i] = clock;
    if clock >= f[THRESHOLD + ACTION][i] {
        gates & bit
    } else {
        0
    }
}

/// The rate of an action with a clock.
#[inline(always)]
fn rate(action: usize, x: f32, pace: f32) -> f32 {
    match action {
        CONCESSION => 0.5,
        BUILDING => 5.0 * x,
        SEIZE => pace,
        DISMISS => 0.1,
        _ => 2.0 * x,
    }
}
