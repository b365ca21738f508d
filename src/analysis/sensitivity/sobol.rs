//! The Sobol' sequence (Sobol' 1967) with the direction numbers of Joe & Kuo (2008), scrambled.
//!
//! The sequence itself is that of the crate `sobol`, in the order of Gray's code (Antonov & Saleev
//! 1979). Each dimension is scrambled by a random linear map of its binary digits (Matoušek 1998)
//! and a random digital shift, as `scipy.stats.qmc.Sobol` does: every point is then uniform on the
//! cube, so averages are unbiased, and the first 2^k points keep all that makes the sequence good.
//! The linear map gives the same variance as the full scrambling of Owen (1995). Errors of single
//! scramblings have heavy tails, as with either: most are far smaller than the typical one.
//!
//! What holds: of the first 2^k points, k ≤ 32, in each dimension exactly one lies in each of 2^k
//! equal intervals. What does not: high dimensions have no such property in pairs until n is in the
//! thousands, so early dimensions should go to the inputs that matter. Points have 32 bits.

use sobol::{Sobol as Unscrambled, params::JoeKuoD6};

use crate::analysis::stream::Stream;

/// Most dimensions: there are no direction numbers for more.
pub const MOST_DIMENSIONS: usize = 21_201;
/// Up to this dimension a shorter table of direction numbers is enough.
const SHORT_TABLE: usize = 1_000;
/// Binary digits of a coordinate.
const BITS: usize = 32;

/// The scrambling of one dimension.
#[derive(Debug, Clone)]
struct Scramble {
    /// What each digit of a coordinate, lowest first, adds to the scrambled one.
    columns: [u32; BITS],
    shift: u32,
}

impl Scramble {
    /// Draws of the site with the dimension as stream: 32 words for the map, one for the shift.
    fn new(seed: u64, site: &str, dimension: usize) -> Self {
        let mut stream = Stream::new(seed, site, dimension as u64);
        let columns = std::array::from_fn(|bit| {
            // A digit reaches itself and digits below it: a triangle with ones on its diagonal.
            let own = 1_u32 << bit;
            own | (stream.word() & (own - 1))
        });
        let shift = stream.word();
        Self { columns, shift }
    }

    fn apply(&self, coordinate: u32) -> u32 {
        let mut left = coordinate;
        let mut out = self.shift;
        while left != 0 {
            out ^= self.columns[left.trailing_zeros() as usize];
            left &= left - 1;
        }
        out
    }
}

/// Points of the scrambled sequence, one after another; at most 2³² − 1 of them.
///
/// A coordinate is (k + ½)/2³² for an integer k, so never 0 or 1.
pub struct Sobol {
    unscrambled: Unscrambled<u32>,
    scrambles: Vec<Scramble>,
}

impl Sobol {
    /// Returns the sequence in so many dimensions. Each dimension is scrambled by a stream of its
    /// own of the site, so more dimensions leave the first ones as they are.
    ///
    /// # Panics
    ///
    /// With more dimensions than [`MOST_DIMENSIONS`].
    #[must_use]
    pub fn new(dimensions: usize, seed: u64, site: &str) -> Self {
        assert!(
            dimensions <= MOST_DIMENSIONS,
            "a Sobol' sequence has at most {MOST_DIMENSIONS} dimensions"
        );
        let scrambles = (0..dimensions)
            .map(|d| Scramble::new(seed, site, d))
            .collect();
        Self {
            unscrambled: unscrambled(dimensions),
            scrambles,
        }
    }
}

fn unscrambled(dimensions: usize) -> Unscrambled<u32> {
    let table = if dimensions <= SHORT_TABLE {
        JoeKuoD6::standard()
    } else {
        JoeKuoD6::extended()
    };
    Unscrambled::new(dimensions, &table)
}

impl Iterator for Sobol {
    type Item = Vec<f64>;

    fn next(&mut self) -> Option<Vec<f64>> {
        let point = self.unscrambled.next()?;
        let scrambled = point.iter().zip(&self.scrambles).map(|(x, s)| s.apply(*x));
        Some(
            scrambled
                .map(|k| (f64::from(k) + 0.5) / 4_294_967_296.0)
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of `scipy.stats.qmc.Sobol(d, scramble=False, bits=32)`.
    #[test]
    fn the_unscrambled_sequence_is_that_of_joe_and_kuo() {
        let points: Vec<Vec<u32>> = unscrambled(1000).take(1024).collect();
        let known: [(usize, [f64; 6], u32); 8] = [
            (0, [0.0, 0.5, 0.75, 0.25, 0.375, 0.875], 2_973_761_536),
            (1, [0.0, 0.5, 0.25, 0.75, 0.375, 0.875], 4_022_337_536),
            (2, [0.0, 0.5, 0.25, 0.75, 0.625, 0.125], 700_448_768),
            (9, [0.0, 0.5, 0.75, 0.25, 0.625, 0.125], 1_388_314_624),
            (120, [0.0, 0.5, 0.25, 0.75, 0.125, 0.625], 2_688_548_864),
            (241, [0.0, 0.5, 0.75, 0.25, 0.875, 0.375], 1_111_490_560),
            (511, [0.0, 0.5, 0.75, 0.25, 0.375, 0.875], 3_426_746_368),
            (999, [0.0, 0.5, 0.75, 0.25, 0.125, 0.625], 1_648_361_472),
        ];
        for (dimension, first, late) in known {
            let column: Vec<u32> = points.iter().map(|p| p[dimension]).collect();
            let early: Vec<f64> = column[..6]
                .iter()
                .map(|k| f64::from(*k) * 0.5_f64.powi(32))
                .collect();
            assert_eq!(early, first, "dimension {dimension}");
            assert_eq!(column[777], late);
        }
        let late = unscrambled(MOST_DIMENSIONS).nth(99).expect("a point");
        assert_eq!((late[1500], late[21_200]), (2_181_038_080, 1_912_602_624));
    }
}
