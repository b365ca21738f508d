//! Random numbers by name (`docs/MODEL.md` section 6).

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The key of a site.
pub(crate) fn key(seed: u64, site: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"kzsim draw 1");
    hash.update([0]);
    hash.update(seed.to_le_bytes());
    hash.update(site.as_bytes());
    hash.finalize().into()
}

/// The 32-bit word of a draw.
pub(crate) fn draw(seed: u64, site: &str, round: u64, index: u64) -> u32 {
    let mut generator = ChaCha8Rng::from_seed(key(seed, site));
    generator.set_stream(round);
    generator.set_word_pos(u128::from(index));
    generator.next_u32()
}

/// A word as a number between 0 and 1.
pub(crate) fn uniform(word: u32) -> f32 {
    ((word >> 9) as f32 + 0.5) * (1.0 / 8_388_608.0)
}
