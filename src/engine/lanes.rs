//! Rounds side by side: a number or a truth value of each of `W` rounds.

use crate::internal::internal_error;
use crate::math;

/// Lanes that change places: one of the first batch, one of the second.
pub type Pairs = [(usize, usize)];

/// One number in each of `W` rounds. The compiler vectorises loops over all lanes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes<const W: usize>(pub [f32; W]);

impl<const W: usize> Lanes<W> {
    /// Returns the same number in every lane.
    #[must_use]
    #[inline(always)]
    pub const fn all(x: f32) -> Self {
        Self([x; W])
    }

    /// Returns whether any lane is not 0.
    #[must_use]
    #[inline(always)]
    pub fn any(&self) -> bool {
        let mut bits = 0;
        for x in &self.0 {
            bits |= u32::from(*x != 0.0);
        }
        bits != 0
    }
}

/// A truth value in each of `W` rounds: all bits set, or none, as vector comparisons return it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub struct Mask<const W: usize>([u32; W]);

impl<const W: usize> Mask<W> {
    /// True in no lane.
    pub const NONE: Self = Self([0; W]);

    /// Returns a mask that is true where `test` holds for the lane.
    #[must_use]
    #[inline(always)]
    pub fn of(test: impl Fn(usize) -> bool) -> Self {
        let mut mask = Self::NONE;
        for i in 0..W {
            mask.0[i] = if test(i) { u32::MAX } else { 0 };
        }
        mask
    }

    /// Returns whether it is true in a lane.
    #[must_use]
    #[inline(always)]
    pub fn at(&self, lane: usize) -> bool {
        self.0[lane] != 0
    }

    /// Returns the number where it is true in a lane, else 0.
    #[inline(always)]
    #[must_use]
    pub fn or_zero(&self, lane: usize, x: f32) -> f32 {
        f32::from_bits(x.to_bits() & self.0[lane])
    }

    /// Sets it in a lane.
    #[inline(always)]
    pub fn set(&mut self, lane: usize, truth: bool) {
        self.0[lane] = if truth { u32::MAX } else { 0 };
    }

    /// Sets it to false where `test` does not hold for the lane.
    #[inline(always)]
    pub fn keep(&mut self, test: impl Fn(usize) -> bool) {
        for i in 0..W {
            self.0[i] &= if test(i) { u32::MAX } else { 0 };
        }
    }

    /// Sets it to true where both `a` and `b` are.
    #[inline(always)]
    pub fn join(&mut self, a: &Self, b: &Self) {
        for i in 0..W {
            self.0[i] |= a.0[i] & b.0[i];
        }
    }

    /// Returns whether it is true in any lane.
    #[must_use]
    #[inline(always)]
    pub fn any(&self) -> bool {
        let mut bits = 0;
        for word in &self.0 {
            bits |= word;
        }
        bits != 0
    }

    /// Returns the number of lanes in which it is true.
    #[must_use]
    pub fn count(&self) -> usize {
        let bits = self.bits().into_iter();
        bits.map(|bits| bits.count_ones() as usize).sum()
    }

    /// Returns the lanes in which it is true.
    #[inline(always)]
    pub fn lanes(&self) -> impl Iterator<Item = usize> + use<W> {
        let mut bits = self.bits();
        let mut at = 0;
        std::iter::from_fn(move || {
            while bits[at] == 0 {
                at += 1;
                if at == bits.len() {
                    at = 0;
                    return None;
                }
            }
            let lane = bits[at].trailing_zeros();
            bits[at] &= bits[at] - 1;
            Some(32 * at + lane as usize)
        })
    }

    /// Returns one bit for each lane.
    #[inline(always)]
    fn bits(&self) -> [u32; 4] {
        const { assert!(W <= 128) };
        let mut out = [0; 4];
        for (bits, words) in out.iter_mut().zip(self.0.chunks(32)) {
            if let Some(words) = words.first_chunk::<32>() {
                for i in 0..32 {
                    *bits |= words[i] & (1 << i);
                }
            } else {
                for (i, word) in words.iter().enumerate() {
                    *bits |= word & (1 << i);
                }
            }
        }
        out
    }

    /// Returns the same as a list, for what is done more than once in few lanes.
    #[must_use]
    #[inline(always)]
    pub fn list(&self) -> LaneList<W> {
        let mut list = LaneList {
            lanes: [0; W],
            n: 0,
        };
        for lane in self.lanes() {
            list.lanes[list.n] = lane as u16;
            list.n += 1;
        }
        list
    }
}

/// Some of `W` lanes, in order.
#[derive(Debug, Clone, Copy)]
pub struct LaneList<const W: usize> {
    lanes: [u16; W],
    n: usize,
}

impl<const W: usize> LaneList<W> {
    /// Returns them.
    #[inline(always)]
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.lanes[..self.n].iter().map(|lane| usize::from(*lane))
    }

    /// Returns whether they are so few that work in each apart costs less than in all lanes at once.
    #[must_use]
    #[inline(always)]
    pub fn are_few(&self) -> bool {
        self.n * 8 <= W
    }
}

/// What was made of one number in each lane, to be given again while these are the same: most coefficients never
/// change within a round.
#[derive(Debug, Clone)]
pub struct Memo<const W: usize> {
    from: Lanes<W>,
    made: Option<Lanes<W>>,
}

impl<const W: usize> Memo<W> {
    /// Remembers nothing.
    pub const EMPTY: Self = Self {
        from: Lanes::all(0.0),
        made: None,
    };

    /// Returns `f` of the number in each lane.
    #[inline(always)]
    pub fn of(&mut self, from: &Lanes<W>, f: impl Fn(f32) -> f32) -> Lanes<W> {
        let mut other = 0;
        for i in 0..W {
            other |= from.0[i].to_bits() ^ self.from.0[i].to_bits();
        }
        match self.made {
            Some(made) if other == 0 => made,
            _ => {
                let mut made = Lanes::all(0.0);
                map(&mut made, from, f);
                (self.from, self.made) = (*from, Some(made));
                made
            }
        }
    }
}

/// `out[i] = f(a[i])`.
#[inline(always)]
pub fn map<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, f: impl Fn(f32) -> f32) {
    for i in 0..W {
        out.0[i] = f(a.0[i]);
    }
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub fn zip<const W: usize>(
    out: &mut Lanes<W>,
    a: &Lanes<W>,
    b: &Lanes<W>,
    f: impl Fn(f32, f32) -> f32,
) {
    for i in 0..W {
        out.0[i] = f(a.0[i], b.0[i]);
    }
}

/// `out[i] = f(out[i], a[i])`.
#[inline(always)]
pub fn fold<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, f: impl Fn(f32, f32) -> f32) {
    for i in 0..W {
        out.0[i] = f(out.0[i], a.0[i]);
    }
}

/// `out[i] += a[i]·b[i]`, rounded after each operation.
#[inline(always)]
pub fn add_product<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, b: &Lanes<W>) {
    for i in 0..W {
        out.0[i] += a.0[i] * b.0[i];
    }
}

/// Adds the power of an actor to each side, as he stands: `sums[o] += weight·stands[o]`.
#[inline(always)]
pub fn add_power<const W: usize>(sums: &mut [Lanes<W>], weight: &Lanes<W>, stands: &[Lanes<W>]) {
    match sums.len() {
        2 => add_power_of::<2, W>(sums, weight, stands),
        3 => add_power_of::<3, W>(sums, weight, stands),
        4 => add_power_of::<4, W>(sums, weight, stands),
        5 => add_power_of::<5, W>(sums, weight, stands),
        _ => {
            for (sum, stands) in sums.iter_mut().zip(stands) {
                add_product(sum, weight, stands);
            }
        }
    }
}

#[inline(always)]
fn add_power_of<const S: usize, const W: usize>(
    sums: &mut [Lanes<W>],
    weight: &Lanes<W>,
    stands: &[Lanes<W>],
) {
    let (sums, stands) = (some_mut::<S, W>(sums), some::<S, W>(stands));
    for i in 0..W {
        for o in 0..S {
            sums[o].0[i] += weight.0[i] * stands[o].0[i];
        }
    }
}

/// Power that is none.
pub const NO_POWER: f32 = 1e-36;

/// Turns power into the unit of shares of it: `1/x`, 0 where there is none.
#[inline(always)]
pub fn invert<const W: usize>(x: &mut Lanes<W>) {
    for i in 0..W {
        let unit = 1.0 / x.0[i];
        x.0[i] = if x.0[i] > NO_POWER { unit } else { 0.0 };
    }
}

/// Softmax in place over the options that are `present` (above 0); absent options become 0, and all
/// are 0 if none is present. `docs/MODEL.md` 7.9.
#[inline(always)]
pub fn softmax<const W: usize>(scores: &mut [Lanes<W>], present: &[Lanes<W>]) {
    // With a constant number of options the numbers of a lane stay in registers.
    match scores.len() {
        2 => softmax_of::<2, W>(scores, present),
        3 => softmax_of::<3, W>(scores, present),
        4 => softmax_of::<4, W>(scores, present),
        5 => softmax_of::<5, W>(scores, present),
        _ => softmax_of_many(scores, present),
    }
}

/// A known number of rows.
#[inline(always)]
#[must_use]
pub fn some<const N: usize, const W: usize>(rows: &[Lanes<W>]) -> &[Lanes<W>; N] {
    let Some(rows) = rows.first_chunk() else {
        internal_error("rows are missing")
    };
    rows
}

/// The same to write.
#[inline(always)]
pub fn some_mut<const N: usize, const W: usize>(rows: &mut [Lanes<W>]) -> &mut [Lanes<W>; N] {
    let Some(rows) = rows.first_chunk_mut() else {
        internal_error("rows are missing")
    };
    rows
}

/// The score of an absent option.
pub const ABSENT: f32 = f32::MIN;

/// Turns the scores of `N` options in one lane into shares. Returns whether scores lie so far apart that
/// [`share_out_far`] is needed: then these are none.
// Loops alone: what `std` has for arrays is not inlined into code for another instruction set.
#[inline(always)]
pub fn share_out<const N: usize>(scores: &mut [f32; N], there: &[bool; N]) -> bool {
    let last = scores[N - 1];
    let mut widest = 0.0;
    for o in 0..N {
        let weight = if o + 1 == N {
            1.0
        } else {
            let d = scores[o] - last;
            widest = math::max(d.abs(), widest);
            math::weight_of_score(d)
        };
        // The score of an absent option may be anything.
        scores[o] = if there[o] { weight } else { 0.0 };
    }
    let mut sum = scores[0];
    for o in 1..N {
        sum += scores[o];
    }
    let part = 1.0 / sum;
    let part = if sum > 0.0 { part } else { 0.0 };
    for o in 0..N {
        scores[o] *= part;
    }
    widest > math::NEAR
}

#[inline(always)]
fn softmax_of<const N: usize, const W: usize>(scores: &mut [Lanes<W>], present: &[Lanes<W>]) {
    let mut far = Mask::<W>::NONE;
    {
        let (scores, present) = (some_mut::<N, W>(scores), some::<N, W>(present));
        for i in 0..W {
            let mut share = [0.0; N];
            let mut there = [false; N];
            for o in 0..N {
                share[o] = scores[o].0[i];
                there[o] = present[o].0[i] > 0.0;
            }
            let is_far = share_out(&mut share, &there);
            far.set(i, is_far);
            for o in 0..N {
                scores[o].0[i] = if is_far { scores[o].0[i] } else { share[o] };
            }
        }
    }
    if far.any() {
        share_out_far(scores, present, &far);
    }
}

#[inline(always)]
fn softmax_of_many<const W: usize>(scores: &mut [Lanes<W>], present: &[Lanes<W>]) {
    let Some(last) = scores.last().copied() else {
        return;
    };
    let mut widest = Lanes::<W>::all(0.0);
    for s in &*scores {
        for i in 0..W {
            widest.0[i] = math::max((s.0[i] - last.0[i]).abs(), widest.0[i]);
        }
    }
    let far = Mask::of(|i| widest.0[i] > math::NEAR);
    let mut sum = Lanes::<W>::all(0.0);
    for (s, p) in scores.iter_mut().zip(present) {
        for i in 0..W {
            let weight = math::weight_of_score(s.0[i] - last.0[i]);
            let weight = if p.0[i] > 0.0 { weight } else { 0.0 };
            sum.0[i] += weight;
            s.0[i] = if far.at(i) { s.0[i] } else { weight };
        }
    }
    for s in scores.iter_mut() {
        for i in 0..W {
            let part = 1.0 / sum.0[i];
            let part = if sum.0[i] > 0.0 { part } else { 0.0 };
            s.0[i] = if far.at(i) { s.0[i] } else { s.0[i] * part };
        }
    }
    if far.any() {
        share_out_far(scores, present, &far);
    }
}

/// The lanes in which the scores of options lie far apart, measured from the last.
#[must_use]
pub fn far_apart<const W: usize>(scores: &[Lanes<W>]) -> Mask<W> {
    let last = scores.last().copied().unwrap_or(Lanes::all(0.0));
    let far = |s: &Lanes<W>, i: usize| (s.0[i] - last.0[i]).abs() > math::NEAR;
    Mask::of(|i| scores.iter().any(|s| far(s, i)))
}

/// Turns scores into shares in some lanes, however far apart they lie: measured from the highest, so that no two
/// that differ are alike.
#[cold]
#[inline(never)]
pub fn share_out_far<const W: usize>(
    scores: &mut [Lanes<W>],
    present: &[Lanes<W>],
    lanes: &Mask<W>,
) {
    for i in lanes.lanes() {
        let mut top = ABSENT;
        for (s, p) in scores.iter().zip(present) {
            if p.0[i] > 0.0 {
                top = math::max(s.0[i], top);
            }
        }
        let mut sum = 0.0;
        for (s, p) in scores.iter_mut().zip(present) {
            s.0[i] = if p.0[i] > 0.0 {
                math::exp(s.0[i] - top)
            } else {
                0.0
            };
            sum += s.0[i];
        }
        for s in scores.iter_mut() {
            s.0[i] = math::divide(s.0[i], sum);
        }
    }
}
