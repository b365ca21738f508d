//! Structural switches of a scenario, varied beside its priors.

use super::control::Control;
use super::error::{Kept, StudyError};
use super::open::Source;
use crate::plan::Plan;

/// The paths of the switches, each with its two values.
pub(super) const SWITCHES: [(&str, [&str; 2]); 2] = [
    ("dynamics.choice", ["logit", "best_reply"]),
    ("dynamics.thresholds", ["normal", "logistic"]),
];

/// The plan for every setting of the first `switches` switches, the last switch changing fastest;
/// without switches, the plan of the scenario alone.
pub(super) fn plans(
    source: &Source,
    switches: usize,
    control: &Control,
) -> Result<Vec<Plan>, StudyError> {
    let scenario = source.clone().prepare()?;
    (0..1_usize << switches)
        .map(|setting| {
            if control.is_stopped() {
                return Err(StudyError::Interrupted(Kept::Nothing));
            }
            let settings = (0..switches).map(|s| {
                let (path, values) = SWITCHES[s];
                let value = values[usize::from(is_second(s, setting, switches))];
                format!("{path}={value}")
            });
            Ok(scenario.open(settings)?.plan)
        })
        .collect()
}

/// Returns whether a switch has its second value in a setting.
pub(super) fn is_second(switch: usize, setting: usize, switches: usize) -> bool {
    setting >> (switches - 1 - switch) & 1 == 1
}
