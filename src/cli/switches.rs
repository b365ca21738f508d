//! Structural switches of a scenario, as inputs beside its priors.

use super::common::Failure;
use crate::plan::Plan;

/// The switches, with their values.
pub(super) const SWITCHES: [(&str, [&str; 2]); 3] = [
    ("dynamics.decide_from", ["start", "zero"]),
    ("dynamics.choice", ["logit", "best_reply"]),
    ("dynamics.thresholds", ["normal", "logistic"]),
];

/// The plan of every setting of the first `switches` switches, the last one fastest; without
/// switches, the scenario's own. `load` reads the scenario with settings on top.
pub(super) fn plans(
    settings: &[String],
    switches: usize,
    load: impl Fn(&[String]) -> Result<Plan, Failure>,
) -> Result<Vec<Plan>, Failure> {
    (0..1_usize << switches)
        .map(|setting| {
            let mut settings = settings.to_vec();
            for (s, (path, _)) in SWITCHES[..switches].iter().enumerate() {
                settings.push(format!("{path}={}", value(s, setting, switches)));
            }
            load(&settings)
        })
        .collect()
}

/// The value of a switch in a setting.
fn value(switch: usize, setting: usize, switches: usize) -> &'static str {
    SWITCHES[switch].1[usize::from(is_second(switch, setting, switches))]
}

/// Whether a switch has its second value in a setting.
pub(super) fn is_second(switch: usize, setting: usize, switches: usize) -> bool {
    setting >> (switches - 1 - switch) & 1 == 1
}
