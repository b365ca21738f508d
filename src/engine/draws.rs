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
use super::lanes::Lanes;
use super::math;

/// Words of one ChaCha block.
pub const BLOCK: usize = 16;
/// Lanes whose ChaCha state fits the vector registers at once.
const CHUNK: usize = 16;

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

/// The draw of that name, by the reference generator.
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

/// What a word is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Uniform on (0, 1).
    Uniform,
    /// Standard exponential.
    Exponential,
    /// Standard Gumbel.
    Gumbel,
    /// Standard normal.
    Normal,
}

impl Law {
    #[inline(always)]
    fn of(self, word: u32) -> f32 {
        match self {
            Self::Uniform => math::uniform(word),
            Self::Exponential => math::exponential(word),
            Self::Gumbel => math::gumbel(word),
            Self::Normal => math::normal(word),
        }
    }
}

/// The draws of one site over the lanes of a batch: the block in use, already turned into its law.
#[derive(Debug, Clone)]
pub struct Draws<const W: usize> {
    seed: [u8; 32],
    key: [u32; 8],
    law: Law,
    block: Option<u64>,
    values: Box<[Lanes<W>; BLOCK]>,
}

impl<const W: usize> Draws<W> {
    /// Draws of a site.
    #[must_use]
    pub fn new(seed: u64, site: &str, law: Law) -> Self {
        let bytes = key(seed, site);
        let word = |i: usize| u32::from_le_bytes(std::array::from_fn(|b| bytes[4 * i + b]));
        Self {
            seed: bytes,
            key: std::array::from_fn(word),
            law,
            block: None,
            values: Box::new([Lanes::all(0.0); BLOCK]),
        }
    }

    /// Forgets the block in use: the lanes now hold other rounds.
    pub fn restart(&mut self) {
        self.block = None;
    }

    /// The draws with that index, one a lane.
    #[inline]
    pub fn at(&mut self, isa: Isa, index: u64, rounds: &[u64; W]) -> &Lanes<W> {
        let block = index / BLOCK as u64;
        if self.block != Some(block) {
            self.fill(isa, block, rounds);
        }
        &self.values[(index % BLOCK as u64) as usize]
    }

    /// The draw with that index in one lane; meant for small indices, which differ between lanes.
    #[inline]
    pub fn in_lane(&mut self, isa: Isa, index: u64, lane: usize, rounds: &[u64; W]) -> f32 {
        if index >= BLOCK as u64 {
            return self.law.of(word_of(&self.seed, rounds[lane], index));
        }
        if self.block != Some(0) {
            self.fill(isa, 0, rounds);
        }
        self.values[index as usize].0[lane]
    }

    fn fill(&mut self, isa: Isa, block: u64, rounds: &[u64; W]) {
        isa.run(
            #[inline(always)]
            || self.fill_inline(block, rounds),
        );
    }

    #[inline(always)]
    fn fill_inline(&mut self, block: u64, rounds: &[u64; W]) {
        let mut start = 0;
        while start < W {
            if W - start >= CHUNK {
                self.fill_chunk::<CHUNK>(block, rounds, start);
                start += CHUNK;
            } else {
                self.fill_chunk::<1>(block, rounds, start);
                start += 1;
            }
        }
        self.block = Some(block);
    }

    #[inline(always)]
    fn fill_chunk<const L: usize>(&mut self, block: u64, rounds: &[u64; W], start: usize) {
        let mut words = [[0_u32; L]; BLOCK];
        let mut streams = [0; L];
        streams.copy_from_slice(&rounds[start..start + L]);
        chacha8(&self.key, block, &streams, &mut words);
        for (value, word) in self.values.iter_mut().zip(&words) {
            let out: &mut [f32] = &mut value.0[start..start + L];
            // One loop a law, so that each vectorises.
            match self.law {
                Law::Uniform => out
                    .iter_mut()
                    .zip(word)
                    .for_each(|(o, w)| *o = math::uniform(*w)),
                Law::Exponential => {
                    out.iter_mut()
                        .zip(word)
                        .for_each(|(o, w)| *o = math::exponential(*w));
                }
                Law::Gumbel => out
                    .iter_mut()
                    .zip(word)
                    .for_each(|(o, w)| *o = math::gumbel(*w)),
                Law::Normal => out
                    .iter_mut()
                    .zip(word)
                    .for_each(|(o, w)| *o = math::normal(*w)),
            }
        }
    }
}

#[inline(always)]
fn quarter<const L: usize>(s: &mut [[u32; L]; 16], a: usize, b: usize, c: usize, d: usize) {
    for i in 0..L {
        s[a][i] = s[a][i].wrapping_add(s[b][i]);
        s[d][i] = (s[d][i] ^ s[a][i]).rotate_left(16);
        s[c][i] = s[c][i].wrapping_add(s[d][i]);
        s[b][i] = (s[b][i] ^ s[c][i]).rotate_left(12);
        s[a][i] = s[a][i].wrapping_add(s[b][i]);
        s[d][i] = (s[d][i] ^ s[a][i]).rotate_left(8);
        s[c][i] = s[c][i].wrapping_add(s[d][i]);
        s[b][i] = (s[b][i] ^ s[c][i]).rotate_left(7);
    }
}

/// One ChaCha8 block in `L` streams at once.
#[inline(always)]
pub fn chacha8<const L: usize>(
    key: &[u32; 8],
    block: u64,
    streams: &[u64; L],
    out: &mut [[u32; L]; BLOCK],
) {
    let mut s = [[0_u32; L]; 16];
    for (word, constant) in s
        .iter_mut()
        .zip([0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574])
    {
        *word = [constant; L];
    }
    for (word, k) in s[4..12].iter_mut().zip(key) {
        *word = [*k; L];
    }
    s[12] = [block as u32; L];
    s[13] = [(block >> 32) as u32; L];
    for (i, stream) in streams.iter().enumerate() {
        s[14][i] = *stream as u32;
        s[15][i] = (*stream >> 32) as u32;
    }
    let start = s;
    for _ in 0..4 {
        quarter(&mut s, 0, 4, 8, 12);
        quarter(&mut s, 1, 5, 9, 13);
        quarter(&mut s, 2, 6, 10, 14);
        quarter(&mut s, 3, 7, 11, 15);
        quarter(&mut s, 0, 5, 10, 15);
        quarter(&mut s, 1, 6, 11, 12);
        quarter(&mut s, 2, 7, 8, 13);
        quarter(&mut s, 3, 4, 9, 14);
    }
    for ((out, word), first) in out.iter_mut().zip(&s).zip(&start) {
        for i in 0..L {
            out[i] = word[i].wrapping_add(first[i]);
        }
    }
}
