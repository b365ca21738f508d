//! Random numbers have names: (seed, site, round, index). `docs/MODEL.md` section 6.
//!
//! The key of a ChaCha8 generator comes from seed and site, its stream number is the round, the
//! position of the word is the index. Over lanes the same key and block counter meet another
//! stream in each lane, so word `j` of all lanes lies side by side and nothing is transposed.
//! `rand_chacha` is the reference: [`word`] uses it, and tests hold the lanes against it.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::isa::Isa;
use super::lanes::{Lanes, Pairs};
use crate::internal::internal_error;
use crate::math;

/// Words of one ChaCha block.
pub const BLOCK: usize = 16;

/// The key of a site: SHA-256 over `kzsim draw 1`, a zero byte, the seed (8 bytes, little-endian)
/// and the site's name.
#[must_use]
pub fn key(seed: u64, site: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"kzsim draw 1\0");
    hash.update(seed.to_le_bytes());
    hash.update(site.as_bytes());
    hash.finalize().into()
}

/// Returns a draw by its name, from the reference generator.
#[must_use]
pub fn word(seed: u64, site: &str, round: u64, index: u64) -> u32 {
    word_of(&key(seed, site), round, index)
}

fn word_of(key: &[u8; 32], round: u64, index: u64) -> u32 {
    let mut generator = ChaCha8Rng::from_seed(*key);
    generator.set_stream(round);
    generator.set_word_pos(u128::from(index));
    generator.next_u32()
}

/// How far from a word the further one of a draw is that needs two.
const FURTHER: u64 = 1 << 63;

/// Returns the uniform number of a draw with the digits of both ends: [`math::sided`].
#[must_use]
pub fn sided(seed: u64, site: &str, round: u64, index: u64) -> f32 {
    let word = word(seed, site, round, index);
    sided_of(&key(seed, site), round, index, word)
}

/// Returns the uniform number of a draw, in (0, 1).
#[must_use]
pub fn uniform(seed: u64, site: &str, round: u64, index: u64) -> f32 {
    math::uniform(sided(seed, site, round, index))
}

/// [`math::sided`] of a draw whose word is known.
fn sided_of(key: &[u8; 32], round: u64, index: u64, word: u32) -> f32 {
    if math::is_deep(word) {
        deep(key, round, index, word)
    } else {
        math::sided(word)
    }
}

/// Takes the further word of a draw.
#[cold]
#[inline(never)]
fn deep(key: &[u8; 32], round: u64, index: u64, word: u32) -> f32 {
    math::sided_deep(word, word_of(key, round, index + FURTHER))
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
    #[inline(always)]
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
    pub fn over<const W: usize>(&self, isa: Isa, rounds: &[u64; W]) -> Lanes<W> {
        isa.run(
            #[inline(always)]
            || {
                let words = first_word(&self.key, rounds);
                let mut out = Lanes::all(0.0);
                let further = |i: usize| deep(&self.bytes, rounds[i], 0, words[i]);
                self.law.over_lanes(&words, &mut out, further);
                out
            },
        )
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

    /// Returns how many blocks of words have been generated so far, per lane.
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

    /// Returns the draw with that index in one lane; for small indices that differ between lanes.
    #[inline]
    pub fn in_lane(&mut self, isa: Isa, index: u64, lane: usize, rounds: &[u64; W]) -> f32 {
        if index >= BLOCK as u64 {
            let word = word_of(&self.bytes, rounds[lane], index);
            return self
                .law
                .of(sided_of(&self.bytes, rounds[lane], index, word));
        }
        if self.block != Some(0) {
            isa.run(
                #[inline(always)]
                || self.fill(0, rounds),
            );
        }
        let word = self.words.0[index as usize][lane];
        self.law
            .of(sided_of(&self.bytes, rounds[lane], index, word))
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
        let further = |i: usize| deep(&self.bytes, rounds[i], index, words[i]);
        self.law.over_lanes(words, &mut self.values, further);
        self.index = Some(index);
    }

    #[inline(always)]
    fn fill(&mut self, block: u64, rounds: &[u64; W]) {
        chacha8(&self.key, block, rounds, &mut self.words.0);
        self.block = Some(block);
        self.filled += 1;
    }
}

/// A quarter round in `L` streams. The state stays in memory, in rows longer than any register; from
/// an array of registers the compiler would vectorise along the wrong axis.
#[inline(always)]
fn quarter<const L: usize>(s: &mut [[u32; L]; 16], rows: [usize; 4]) {
    let Ok([a, b, c, d]) = s.get_disjoint_mut(rows) else {
        internal_error("a quarter round needs four different rows")
    };
    for i in 0..L {
        let (mut x, mut y, mut z, mut w) = (a[i], b[i], c[i], d[i]);
        x = x.wrapping_add(y);
        w = (w ^ x).rotate_left(16);
        z = z.wrapping_add(w);
        y = (y ^ z).rotate_left(12);
        x = x.wrapping_add(y);
        w = (w ^ x).rotate_left(8);
        z = z.wrapping_add(w);
        y = (y ^ z).rotate_left(7);
        (a[i], b[i], c[i], d[i]) = (x, y, z, w);
    }
}

const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// One ChaCha8 block in `L` streams at once.
#[inline(always)]
pub fn chacha8<const L: usize>(
    key: &[u32; 8],
    block: u64,
    streams: &[u64; L],
    s: &mut [[u32; L]; BLOCK],
) {
    let counter = [block as u32, (block >> 32) as u32];
    let start = |i: usize| match i {
        0..4 => CONSTANTS[i],
        4..12 => key[i - 4],
        _ => counter[i - 12],
    };
    for (i, row) in s[..14].iter_mut().enumerate() {
        row.fill(start(i));
    }
    for i in 0..L {
        s[14][i] = streams[i] as u32;
        s[15][i] = (streams[i] >> 32) as u32;
    }
    eight_rounds(s);
    for (i, row) in s[..14].iter_mut().enumerate() {
        let first = start(i);
        for word in row {
            *word = word.wrapping_add(first);
        }
    }
    for i in 0..L {
        s[14][i] = s[14][i].wrapping_add(streams[i] as u32);
        s[15][i] = s[15][i].wrapping_add((streams[i] >> 32) as u32);
    }
}

/// The first word of block 0 alone.
#[inline(always)]
fn first_word<const L: usize>(key: &[u32; 8], streams: &[u64; L]) -> [u32; L] {
    let mut s = Words::<L>(std::array::from_fn(|i| match i {
        0..4 => [CONSTANTS[i]; L],
        4..12 => [key[i - 4]; L],
        12 | 13 => [0; L],
        14 => streams.map(|stream| stream as u32),
        _ => streams.map(|stream| (stream >> 32) as u32),
    }));
    eight_rounds(&mut s.0);
    s.0[0].map(|word| word.wrapping_add(CONSTANTS[0]))
}

#[inline(always)]
fn eight_rounds<const L: usize>(s: &mut [[u32; L]; BLOCK]) {
    for _ in 0..4 {
        quarter(s, [0, 4, 8, 12]);
        quarter(s, [1, 5, 9, 13]);
        quarter(s, [2, 6, 10, 14]);
        quarter(s, [3, 7, 11, 15]);
        quarter(s, [0, 5, 10, 15]);
        quarter(s, [1, 6, 11, 12]);
        quarter(s, [2, 7, 8, 13]);
        quarter(s, [3, 4, 9, 14]);
    }
}
