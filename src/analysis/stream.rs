//! Draws of an analysis: the words of one site and stream, in order.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::engine::draws;

/// The draws of one site and stream, in order.
#[derive(Debug, Clone)]
pub(super) struct Stream(ChaCha8Rng);

impl Stream {
    /// Returns the draws of a site, keyed by seed and site like every draw, and a stream.
    pub(super) fn new(seed: u64, site: &str, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::from_seed(draws::key(seed, site));
        generator.set_stream(stream);
        Self(generator)
    }

    /// Returns the next word.
    pub(super) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Returns an integer below `n`, which is at most 2³². Probabilities differ by at most a part
    /// n/2³².
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u64::from(self.word()) * n as u64) >> 32) as usize
    }

    /// Returns a number uniform on (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        (f64::from(self.word()) + 0.5) / 4_294_967_296.0
    }

    /// Shuffles items (Fisher & Yates 1938).
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for k in (1..items.len()).rev() {
            let other = self.below(k + 1);
            items.swap(k, other);
        }
    }
}
