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
//! thousands, so early dimensions should go to the inputs that matter. Points are told to 32 bits.

use sobol::{Sobol as Plain, params::JoeKuoD6};

use crate::analysis::stream::Stream;

/// Most dimensions there are direction numbers for.
pub const MOST_DIMENSIONS: usize = 21_201;
/// Up to here a shorter table of direction numbers serves.
const SHORT_TABLE: usize = 1_000;
/// Binary digits of a coordinate.
const BITS: usize = 32;

/// The scrambling of one dimension.
#[derive(Debug, Clone)]
struct Scramble {
    /// What each digit of the plain coordinate, lowest first, adds to the scrambled one.
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

    fn of(&self, plain: u32) -> u32 {
        let mut left = plain;
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
/// A coordinate is (k + ½)/2³² for a whole k, so never 0 or 1.
pub struct Sobol {
    plain: Plain<u32>,
    scrambles: Vec<Scramble>,
}

impl Sobol {
    /// The sequence in so many dimensions. Its draws have the site `site` and the dimension as
    /// stream, so more dimensions leave the first ones as they are.
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
            plain: plain(dimensions),
            scrambles,
        }
    }
}

fn plain(dimensions: usize) -> Plain<u32> {
    let table = if dimensions <= SHORT_TABLE {
        JoeKuoD6::standard()
    } else {
        JoeKuoD6::extended()
    };
    Plain::new(dimensions, &table)
}

impl Iterator for Sobol {
    type Item = Vec<f64>;

    fn next(&mut self) -> Option<Vec<f64>> {
        let point = self.plain.next()?;
        let scrambled = point.iter().zip(&self.scrambles).map(|(x, s)| s.of(*x));
        Some(
            scrambled
                .map(|k| (f64::from(k) + 0.5) / 4_294_967_296.0)
                .collect(),
        )
    }
}

/// The first `rows` points without scrambling; the first is the origin. For comparison with other
/// programs: a design should be scrambled.
#[must_use]
pub fn unscrambled(dimensions: usize, rows: usize) -> Vec<Vec<f64>> {
    let point = |p: Vec<u32>| p.iter().map(|k| f64::from(*k) / 4_294_967_296.0).collect();
    plain(dimensions).take(rows).map(point).collect()
}
