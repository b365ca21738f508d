//! Random numbers by name (`docs/MODEL.md` section 6).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

use super::functions::{ln, ln_of_one_and, normal_size};

/// The key of a site.
pub(crate) fn key(seed: u64, site: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"kzsim draw 2");
    hash.update([0]);
    hash.update(seed.to_le_bytes());
    hash.update(site.as_bytes());
    hash.finalize().into()
}

/// The 32-bit word of a draw.
pub(crate) fn draw(seed: u64, site: &str, round: u64, index: u64) -> u32 {
    draw_at(seed, site, round, index, 0)
}

/// The 32-bit word so far beyond that of a draw.
fn draw_at(seed: u64, site: &str, round: u64, index: u64, beyond: u64) -> u32 {
    let first = site.split('/').next().unwrap_or_default();
    let rare = ["prior", "taste", "act", "decide", "stance", "holder"].contains(&first);
    let (stream, position) = if rare {
        (round / 16, u128::from(index) * 16 + u128::from(round % 16))
    } else {
        (round, u128::from(index))
    };
    let mut generator = ChaCha8Rng::from_seed(key(seed, site));
    generator.set_stream(stream);
    generator.set_word_pos(position + u128::from(beyond));
    generator.next_u32()
}

/// A uniform number: which end is nearer, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Uniform {
    /// Whether the nearer end is 1.
    pub(crate) above: bool,
    /// The distance from it.
    pub(crate) p: f32,
}

impl Uniform {
    /// From a word and the further one.
    pub(crate) fn new(word: u32, further: u32) -> Self {
        let above = word >= 1 << 31;
        let n = if above { u32::MAX - word } else { word };
        let p = if n >= 1 << 16 {
            (n as f32 + 0.5) / 2.0_f32.powi(32)
        } else {
            ((u64::from(n) * (1 << 32) + u64::from(further)) as f32 + 0.5) / 2.0_f32.powi(64)
        };
        Self { above, p }
    }

    /// That of a draw.
    pub(crate) fn of(seed: u64, site: &str, round: u64, index: u64) -> Self {
        let word = draw(seed, site, round, index);
        // Only a word near an end needs the further one.
        let near = word < 1 << 16 || u32::MAX - word < 1 << 16;
        let further = near.then(|| draw_at(seed, site, round, index, 1 << 63));
        Self::new(word, further.unwrap_or_default())
    }

    /// At a number between 0 and 1.
    pub(crate) fn at(u: f64) -> Self {
        let above = u > 0.5;
        let p = if above { 1.0 - u } else { u } as f32;
        Self { above, p }
    }

    /// The number itself.
    pub(crate) fn u(self) -> f32 {
        let most = 1.0 - 2.0_f32.powi(-24);
        match self.above {
            false => self.p,
            true if 1.0 - self.p < most => 1.0 - self.p,
            true => most,
        }
    }

    /// `−ln u`.
    pub(crate) fn waiting(self) -> f32 {
        if self.above && 1.0 - self.p >= std::f32::consts::FRAC_1_SQRT_2 {
            0.0 - ln_of_one_and(0, -self.p)
        } else {
            0.0 - ln(if self.above { 1.0 - self.p } else { self.p })
        }
    }

    /// The standard normal quantile.
    pub(crate) fn normal(self) -> f32 {
        let size = normal_size(self.p);
        if self.above { size } else { 0.0 - size }
    }
}
