//! Random numbers have names: (seed, site, round, index). `docs/MODEL.md` section 6.
//!
//! The key of a ChaCha8 generator comes from seed and site. Where rounds draw at every step or day, the stream
//! number is the round and the position of the word is the index: over lanes the same key and block counter meet
//! another stream in each lane, so word `j` of all lanes lies side by side and nothing is transposed.
//! Where most rounds draw once or never, sixteen rounds share a block instead. `rand_chacha` is the reference:
//! [`word`] uses it, and tests hold the lanes against it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

pub use super::chacha::{BLOCK, chacha8};
use super::isa::Isa;
use super::lanes::{Lanes, Pairs};
use crate::math;

/// The key of a site: SHA-256 over `kzsim draw 2`, a zero byte, the seed (8 bytes, little-endian)
/// and the site's name.
#[must_use]
pub fn key(seed: u64, site: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"kzsim draw 2\0");
    hash.update(seed.to_le_bytes());
    hash.update(site.as_bytes());
    hash.finalize().into()
}

/// Returns a draw by its name, from the reference generator.
#[must_use]
pub fn word(seed: u64, site: &str, round: u64, index: u64) -> u32 {
    word_at(&key(seed, site), Place::of(site, round, index))
}

/// Where the word of a draw lies: in which stream, and at what position.
#[derive(Debug, Clone, Copy)]
struct Place {
    stream: u64,
    position: u128,
}

/// Sites from which most rounds take one word or none.
const SHARED: [&str; 6] = ["prior/", "taste/", "act/", "decide/", "stance/", "holder/"];

impl Place {
    fn of(site: &str, round: u64, index: u64) -> Self {
        if SHARED.iter().any(|start| site.starts_with(start)) {
            Self::shared(round, index)
        } else {
            Self::own(round, index)
        }
    }

    /// In a stream of the round.
    fn own(round: u64, index: u64) -> Self {
        Self {
            stream: round,
            position: u128::from(index),
        }
    }

    /// In a block that sixteen rounds share.
    fn shared(round: u64, index: u64) -> Self {
        let n = BLOCK as u64;
        Self {
            stream: round / n,
            position: u128::from(index) * u128::from(n) + u128::from(round % n),
        }
    }

    /// That of the further word of a draw that needs two.
    fn further(self) -> Self {
        Self {
            position: self.position + (1 << 63),
            ..self
        }
    }
}

fn word_at(key: &[u8; 32], place: Place) -> u32 {
    let mut generator = ChaCha8Rng::from_seed(*key);
    generator.set_stream(place.stream);
    generator.set_word_pos(place.position);
    generator.next_u32()
}

/// Returns the uniform number of a draw with the digits of both ends: [`math::sided`].
#[must_use]
pub fn sided(seed: u64, site: &str, round: u64, index: u64) -> f32 {
    let word = word(seed, site, round, index);
    sided_of(&key(seed, site), Place::of(site, round, index), word)
}

/// Returns the uniform number of a draw, in (0, 1).
#[must_use]
pub fn uniform(seed: u64, site: &str, round: u64, index: u64) -> f32 {
    math::uniform(sided(seed, site, round, index))
}

/// Bits of a word.
const BITS: u64 = u32::BITS as u64;

/// [`math::sided`] of a draw whose word is known.
fn sided_of(key: &[u8; 32], place: Place, word: u32) -> f32 {
    if math::is_deep(word) {
        deep(key, place, word)
    } else {
        math::sided(word)
    }
}

/// Takes the further word of a draw.
#[cold]
#[inline(never)]
fn deep(key: &[u8; 32], place: Place, word: u32) -> f32 {
    math::sided_deep(word, word_at(key, place.further()))
}

/// The distribution of a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Uniform on (0, 1).
    Uniform,
    /// Uniform with the digits of both ends: [`math::sided`].
    Sided,
    /// Standard exponential.
    Exponential,
    /// Standard Gumbel.
    Gumbel,
    /// Standard normal.
    Normal,
}

impl Law {
    fn of(self, e: f32) -> f32 {
        match self {
            Self::Uniform => math::uniform(e),
            Self::Sided => e,
            Self::Exponential => math::exponential(e),
            Self::Gumbel => math::gumbel(e),
            Self::Normal => math::normal(e),
        }
    }

    /// Converts one word per lane; `deep` is [`math::sided`] in a lane that needs a further word,
    /// which at 64 lanes happens once in 500 calls. Each law has a loop of its own, so that it
    /// vectorises.
    #[inline(always)]
    fn over_lanes<const W: usize>(
        self,
        words: &[u32; W],
        out: &mut Lanes<W>,
        deep: impl Fn(usize) -> f32,
    ) {
        let mut any = 0;
        for i in 0..W {
            out.0[i] = math::sided(words[i]);
            any |= u32::from(math::is_deep(words[i]));
        }
        if any != 0 {
            for i in 0..W {
                if math::is_deep(words[i]) {
                    out.0[i] = deep(i);
                }
            }
        }
        match self {
            Self::Uniform => each(out, math::uniform),
            Self::Sided => {}
            Self::Exponential => each(out, math::exponential),
            Self::Gumbel => each(out, math::gumbel),
            Self::Normal => normals(out),
        }
    }
}

#[inline(always)]
fn each<const W: usize>(lanes: &mut Lanes<W>, law: impl Fn(f32) -> f32) {
    for i in 0..W {
        lanes.0[i] = law(lanes.0[i]);
    }
}

/// [`math::normal`] in every lane. The tail is computed only if some lane lies in it, which at 64
/// lanes happens in a third of all calls.
#[inline(always)]
fn normals<const W: usize>(lanes: &mut Lanes<W>) {
    let mut depth = Lanes::<W>::all(0.0);
    let sides = *lanes;
    let mut deepest = 0_u32;
    for i in 0..W {
        let p = sides.0[i].abs();
        depth.0[i] = math::normal_depth(p);
        let size = math::normal_centre(p, depth.0[i]);
        lanes.0[i] = math::on_side(size, sides.0[i]);
        deepest |= u32::from(depth.0[i] >= math::NORMAL_TAIL);
    }
    if deepest != 0 {
        for i in 0..W {
            let size = math::normal_tail(sides.0[i].abs(), depth.0[i]);
            let tail = math::on_side(size, sides.0[i]);
            lanes.0[i] = if depth.0[i] < math::NORMAL_TAIL {
                lanes.0[i]
            } else {
                tail
            };
        }
    }
}

/// One block of words per lane: by word, then lane.
#[derive(Debug, Clone)]
#[repr(align(64))]
struct Words<const W: usize>([[u32; W]; BLOCK]);

/// Returns the key of a site as words.
fn key_words(bytes: &[u8; 32]) -> [u32; 8] {
    std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|b| bytes[4 * i + b])))
}

/// Sixteen rounds each, which share a block: those that the lanes of a batch belong to, and where.
#[derive(Debug, Clone)]
pub struct Sharers<const W: usize> {
    /// The rounds in the lanes.
    rounds: [u64; W],
    /// Streams that occur, without repetition; the first `count` count.
    streams: [u64; W],
    count: usize,
    /// By lane: which of the streams is its own.
    group: [u8; W],
}

/// Streams of which blocks are generated at once: a batch of 64 rounds has four or five. Loops over eight are unrolled when
/// the whole program is optimised, before they are vectorised, and then take one stream after another.
const ABREAST: usize = 16;

impl<const W: usize> Sharers<W> {
    /// Returns those of the rounds in the lanes.
    #[must_use]
    pub fn new(rounds: &[u64; W]) -> Self {
        let mut out = Self {
            rounds: *rounds,
            streams: [0; W],
            count: 0,
            group: [0; W],
        };
        for (i, round) in rounds.iter().enumerate() {
            let stream = round / BLOCK as u64;
            // Neighbours mostly belong together.
            let known = &out.streams[..out.count];
            let group = known.iter().rposition(|s| *s == stream);
            let group = group.unwrap_or_else(|| {
                out.streams[out.count] = stream;
                out.count += 1;
                out.count - 1
            });
            out.group[i] = group as u8;
        }
        out
    }

    /// Turns the words with an index into draws.
    #[inline(always)]
    fn law(&self, key: &[u8; 32], words: &[u32; W], law: Law, index: u64) -> Lanes<W> {
        let mut out = Lanes::all(0.0);
        let further = |i: usize| deep(key, Place::shared(self.rounds[i], index), words[i]);
        law.over_lanes(words, &mut out, further);
        out
    }

    /// Generates the words with an index, one per lane.
    #[inline(always)]
    fn words(&self, key: &[u32; 8], index: u64) -> [u32; W] {
        let mut out = [0; W];
        for (n, streams) in self.streams[..self.count].chunks(ABREAST).enumerate() {
            let streams = std::array::from_fn(|i| streams.get(i).copied().unwrap_or(0));
            let mut block = Words::<ABREAST>([[0; ABREAST]; BLOCK]);
            chacha8(key, index, &streams, &mut block.0);
            for i in 0..W {
                let group = usize::from(self.group[i]);
                if group / ABREAST == n {
                    let word = self.rounds[i] % BLOCK as u64;
                    out[i] = block.0[word as usize][group % ABREAST];
                }
            }
        }
        out
    }
}

/// A site from which a round takes a single word.
#[derive(Debug, Clone)]
pub struct SingleDraw {
    bytes: [u8; 32],
    key: [u32; 8],
    law: Law,
}

impl SingleDraw {
    /// Returns the draw with index 0 of a site.
    #[must_use]
    pub fn new(seed: u64, site: &str, law: Law) -> Self {
        let bytes = key(seed, site);
        Self {
            bytes,
            key: key_words(&bytes),
            law,
        }
    }

    /// Returns the draw in every lane.
    #[must_use]
    pub fn over<const W: usize>(&self, isa: Isa, sharers: &Sharers<W>) -> Lanes<W> {
        isa.run(
            #[inline(always)]
            || sharers.law(&self.bytes, &sharers.words(&self.key, 0), self.law, 0),
        )
    }
}

/// The draws of one site from which a round takes a few words, if any, over the lanes of a batch.
#[derive(Debug, Clone)]
pub struct RareDraws<const W: usize> {
    bytes: [u8; 32],
    key: [u32; 8],
    law: Law,
    /// By index: the words, once generated.
    words: [Option<Box<[u32; W]>>; KEPT],
    filled: u64,
}

/// Indices of which the words are kept.
const KEPT: usize = 8;

impl<const W: usize> RareDraws<W> {
    /// Returns the draws of a site.
    #[must_use]
    pub fn new(seed: u64, site: &str, law: Law) -> Self {
        let bytes = key(seed, site);
        Self {
            bytes,
            key: key_words(&bytes),
            law,
            words: Default::default(),
            filled: 0,
        }
    }

    /// Returns how many blocks of words have been generated so far.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.filled
    }

    /// Begins without any block, as if none had been generated.
    pub(super) fn begin(&mut self) {
        self.restart();
        self.filled = 0;
    }

    /// Discards all words: the lanes now hold other rounds.
    pub fn restart(&mut self) {
        self.words = Default::default();
    }

    /// Returns the draws with that index, one per lane.
    pub fn at(&mut self, isa: Isa, index: u64, sharers: &Sharers<W>) -> Lanes<W> {
        isa.run(
            #[inline(always)]
            || {
                let words = sharers.words(&self.key, index);
                self.filled += sharers.count as u64;
                if let Some(kept) = self.words.get_mut(index as usize) {
                    *kept = Some(Box::new(words));
                }
                sharers.law(&self.bytes, &words, self.law, index)
            },
        )
    }

    /// Returns the draw with that index in one lane.
    pub fn in_lane(&mut self, isa: Isa, index: u64, lane: usize, rounds: &[u64; W]) -> f32 {
        let place = Place::shared(rounds[lane], index);
        if let Some(kept) = self.words.get(index as usize)
            && kept.is_none()
        {
            // Other lanes will want theirs.
            self.at(isa, index, &Sharers::new(rounds));
        }
        let word = match self.words.get(index as usize) {
            Some(Some(words)) => words[lane],
            _ => word_at(&self.bytes, place),
        };
        self.law.of(sided_of(&self.bytes, place, word))
    }

    /// Exchanges lanes with the same site of another batch.
    pub(super) fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        for (a, b) in self.words.iter_mut().zip(&mut other.words) {
            if let (Some(a), Some(b)) = (&mut *a, &mut *b) {
                for (i, j) in pairs {
                    std::mem::swap(&mut a[*i], &mut b[*j]);
                }
            } else {
                // Words that only one of them has are generated on request.
                (*a, *b) = (None, None);
            }
        }
    }
}

/// The draws of one site over the lanes of a batch: the current block, and the numbers last
/// requested.
#[derive(Debug, Clone)]
pub struct Draws<const W: usize> {
    bytes: [u8; 32],
    key: [u32; 8],
    law: Law,
    block: Option<u64>,
    words: Box<Words<W>>,
    index: Option<u64>,
    values: Lanes<W>,
    filled: u64,
}

impl<const W: usize> Draws<W> {
    /// Returns the draws of a site.
    #[must_use]
    pub fn new(seed: u64, site: &str, law: Law) -> Self {
        let bytes = key(seed, site);
        Self {
            bytes,
            key: key_words(&bytes),
            law,
            block: None,
            words: Box::new(Words([[0; W]; BLOCK])),
            index: None,
            values: Lanes::all(0.0),
            filled: 0,
        }
    }

    /// Returns how many blocks of words have been generated so far, of all lanes.
    #[must_use]
    pub fn blocks(&self) -> u64 {
        self.filled
    }

    /// Begins without any block, as if none had been generated.
    pub(super) fn begin(&mut self) {
        self.restart();
        self.filled = 0;
    }

    /// Discards the current block: the lanes now hold other rounds.
    pub fn restart(&mut self) {
        self.block = None;
        self.index = None;
    }

    /// Returns the draws with that index, one per lane.
    #[inline]
    pub fn at(&mut self, isa: Isa, index: u64, rounds: &[u64; W]) -> &Lanes<W> {
        if self.index != Some(index) {
            isa.run(
                #[inline(always)]
                || self.draw(index, rounds),
            );
        }
        &self.values
    }

    /// Returns the draws last returned.
    #[must_use]
    #[inline(always)]
    pub fn last(&self) -> &Lanes<W> {
        &self.values
    }

    /// Returns bit `t` of the bits of the site, one per lane: that of the sign, set or not. For sites that draw
    /// nothing but bits.
    #[inline(always)]
    pub fn signs(&mut self, t: u64, rounds: &[u64; W]) -> Signs<'_, W> {
        let index = t / BITS;
        let block = index / BLOCK as u64;
        if self.block != Some(block) {
            self.fill(block, rounds);
        }
        Signs {
            words: &self.words.0[(index % BLOCK as u64) as usize],
            shift: (BITS - 1 - t % BITS) as u32,
        }
    }

    /// Exchanges lanes with the same site of another batch; `next` is the index of the next draw.
    pub(super) fn exchange(&mut self, other: &mut Self, pairs: &Pairs, next: u64) {
        (self.index, other.index) = (None, None);
        let wanted = Some(next / BLOCK as u64);
        if self.block != other.block || self.block != wanted {
            // Words that only one of them has, or that are used up, are generated on request.
            (self.block, other.block) = (None, None);
            return;
        }
        for (a, b) in self.words.0.iter_mut().zip(&mut other.words.0) {
            for (i, j) in pairs {
                std::mem::swap(&mut a[*i], &mut b[*j]);
            }
        }
    }

    #[inline(always)]
    fn draw(&mut self, index: u64, rounds: &[u64; W]) {
        let block = index / BLOCK as u64;
        if self.block != Some(block) {
            self.fill(block, rounds);
        }
        let words = &self.words.0[(index % BLOCK as u64) as usize];
        let further = |i: usize| deep(&self.bytes, Place::own(rounds[i], index), words[i]);
        self.law.over_lanes(words, &mut self.values, further);
        self.index = Some(index);
    }

    #[inline(always)]
    fn fill(&mut self, block: u64, rounds: &[u64; W]) {
        chacha8(&self.key, block, rounds, &mut self.words.0);
        self.block = Some(block);
        self.filled += W as u64;
    }
}

/// A sign in each lane, from one bit of its word.
#[derive(Debug, Clone, Copy)]
pub struct Signs<'d, const W: usize> {
    words: &'d [u32; W],
    /// Brings the bit to the place of the sign.
    shift: u32,
}

impl<const W: usize> Signs<'_, W> {
    /// Returns a number that is not below 0 with the sign of a lane: less where the bit is set.
    #[inline(always)]
    #[must_use]
    pub fn on(&self, size: f32, lane: usize) -> f32 {
        f32::from_bits(size.to_bits() | ((self.words[lane] << self.shift) & 0x8000_0000))
    }
}
