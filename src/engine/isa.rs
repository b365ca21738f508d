//! Instruction sets, chosen at run time. The choice never changes a result.
//!
//! The same plain loops are compiled for each set; IEEE operations give the same bits in all of
//! them. The unsafe part of calling code for another set is `pulp`'s.

use std::fmt;
use std::str::FromStr;

#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

/// A set of vector instructions that this machine supports.
#[derive(Debug, Clone, Copy)]
pub enum Isa {
    /// The minimum of the target: SSE2 on x86-64.
    Baseline,
    /// AVX2: 8 numbers at once.
    #[cfg(target_arch = "x86_64")]
    Avx2(V3),
    /// AVX-512: 16 numbers at once.
    #[cfg(target_arch = "x86_64")]
    Avx512(V4),
}

/// Whether code for more than the baseline is built: always in releases. Each set builds every
/// stage once more, so builds with debug assertions have the baseline alone unless the feature
/// `all-isas` asks for the rest.
#[cfg(target_arch = "x86_64")]
const WIDE: bool = cfg!(any(feature = "all-isas", not(debug_assertions)));

/// An unknown or unavailable instruction set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("KZSIM_ISA={found}: this machine supports {available}")]
pub struct NoSuchIsa {
    found: String,
    available: String,
}

impl Isa {
    /// Returns all sets that this machine supports, the widest last.
    #[must_use]
    pub fn available() -> Vec<Self> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "one set alone")
        )]
        let mut sets = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        if WIDE {
            sets.extend(V3::try_new().map(Self::Avx2));
            sets.extend(V4::try_new().map(Self::Avx512));
        }
        sets
    }

    /// Returns the widest set that this machine supports.
    #[must_use]
    pub fn widest() -> Self {
        Self::available().pop().unwrap_or(Self::Baseline)
    }

    /// Returns the set named by the environment variable `KZSIM_ISA`, else the widest.
    ///
    /// # Errors
    /// If the machine does not support it.
    pub fn chosen() -> Result<Self, NoSuchIsa> {
        match std::env::var("KZSIM_ISA") {
            Ok(name) if !name.is_empty() => name.parse(),
            _ => Ok(Self::widest()),
        }
    }

    /// Runs `f` compiled for this set, as far as it is inlined.
    #[inline(always)]
    pub fn run<R>(self, f: impl FnOnce() -> R) -> R {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(token) if WIDE => token.vectorize(f),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(token) if WIDE => token.vectorize(f),
            _ => f(),
        }
    }
}

impl fmt::Display for Isa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "sse2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        })
    }
}

impl FromStr for Isa {
    type Err = NoSuchIsa;

    fn from_str(name: &str) -> Result<Self, NoSuchIsa> {
        let sets = Self::available();
        let names: Vec<String> = sets.iter().map(Self::to_string).collect();
        sets.into_iter()
            .find(|isa| isa.to_string() == name)
            .ok_or_else(|| NoSuchIsa {
                found: name.to_owned(),
                available: names.join(", "),
            })
    }
}
