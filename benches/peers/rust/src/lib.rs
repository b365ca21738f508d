//! What the ports of `scenarios/bench.toml` have in common: the numbers of the scenario, the
//! formulas of `docs/MODEL.md` for one actor, one crowd or one clock, the command line and the report.
//!
//! Each port is one binary in `src/bin`. It holds the state and runs the seven stages in the way of
//! its tool; only formulas without a tool in them live here.

pub mod model;
pub mod report;

/// Version of the crate `ixa` that the port is built with.
pub const IXA_VERSION: &str = "4.0.0";
/// Version of the crate `krabmaga` that the port is built with.
pub const KRABMAGA_VERSION: &str = "0.6.2";

#[cfg(test)]
mod tests {
    use super::{IXA_VERSION, KRABMAGA_VERSION};

    #[test]
    fn versions_are_those_of_the_manifest() {
        let manifest = include_str!("../Cargo.toml");
        assert!(manifest.contains(&format!("ixa = \"={IXA_VERSION}\"")));
        assert!(manifest.contains(&format!("krabmaga = \"={KRABMAGA_VERSION}\"")));
    }
}
