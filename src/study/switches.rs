//! Structural switches of a scenario: the forms that the model has.

use crate::plan::Plan;
use crate::scenario::dynamics::{Choice, Thresholds};

/// The paths of the switches, each with its two values.
pub(super) const SWITCHES: [(&str, [&str; 2]); 2] = [
    ("dynamics.choice", ["logit", "best_reply"]),
    ("dynamics.thresholds", ["normal", "logistic"]),
];

/// The plan for every setting of the first `switches` switches, the last switch changing fastest;
/// without switches, the plan of the scenario alone.
pub(super) fn plans(plan: &Plan, switches: usize) -> Vec<Plan> {
    let settings = 0..1_usize << switches;
    let with = |setting| {
        let mut plan = plan.clone();
        for switch in 0..switches {
            set(&mut plan, switch, is_second(switch, setting, switches));
        }
        plan
    };
    settings.map(with).collect()
}

/// Returns whether a switch has its second value in a setting.
pub(super) fn is_second(switch: usize, setting: usize, switches: usize) -> bool {
    setting >> (switches - 1 - switch) & 1 == 1
}

/// The plan with each switch in turn at its other value, and what that form is called; without switches of
/// which no round depends.
pub(super) fn other_forms(plan: &Plan) -> Vec<(String, Plan)> {
    let own = [
        plan.choice == Choice::BestReply,
        plan.thresholds == Thresholds::Logistic,
    ];
    let matters = [true, !plan.crowds.is_empty()];
    let mut out = Vec::new();
    for (switch, (path, values)) in SWITCHES.iter().enumerate() {
        if matters[switch] {
            let second = !own[switch];
            let mut other = plan.clone();
            set(&mut other, switch, second);
            let key = path.rsplit('.').next().unwrap_or(path);
            out.push((format!("{key}={}", values[usize::from(second)]), other));
        }
    }
    out
}

/// Gives a switch its second value, or its first.
fn set(plan: &mut Plan, switch: usize, second: bool) {
    match (switch, second) {
        (0, false) => plan.choice = Choice::Logit,
        (0, true) => plan.choice = Choice::BestReply,
        (_, false) => plan.thresholds = Thresholds::Normal,
        (_, true) => plan.thresholds = Thresholds::Logistic,
    }
}
