//! Quantities: numbers of a round that an analysis looks at, chosen on the command line.

use super::evidence::{end_of_day, steps_by, steps_until};
use super::expression::{Expression, Inside};
use super::fault::{Fault, Place, Sources};
use super::limits;
use super::model::Scenario;
use super::moment::after_start;

/// A number of a round, chosen for an analysis.
#[derive(Debug, Clone)]
pub struct Quantity {
    /// As it was written: `EXPRESSION`, or `EXPRESSION @ DATE`.
    pub text: String,
    /// Steps completed when it is read. A round that has ended by then is read as it ended.
    pub step: u32,
    /// The expression.
    pub expression: Expression,
}

/// Reads quantities. `EXPRESSION` is read at the end of a round, `EXPRESSION @ 2022-01-05` at the
/// end of that day, `EXPRESSION @ 2022-01-05T18:00` or `EXPRESSION @ t0 + 3d` at that moment. Returns those that can be read, the
/// faults of the others, and the sources that places refer to: those of the scenario, then their
/// own. Names are resolved by the plan.
#[must_use]
pub fn quantities(written: &[String], scenario: &Scenario) -> (Vec<Quantity>, Vec<Fault>, Sources) {
    let mut sources = scenario.sources.clone();
    let (mut out, mut faults) = (Vec::new(), Vec::new());
    for text in written {
        let file = sources.add(format!("--quantity {text}"), None, text.clone());
        match quantity(text, file, scenario) {
            Ok(quantity) => out.push(quantity),
            Err(fault) => faults.push(fault),
        }
    }
    (out, faults, sources)
}

fn quantity(text: &str, file: usize, scenario: &Scenario) -> Result<Quantity, Fault> {
    let place = |from: usize, to: usize| Place {
        file,
        span: from..to,
    };
    let (formula, step) = match text.rsplit_once('@') {
        None => {
            let seconds = scenario.clock.days * 86_400;
            let steps = seconds.div_ceil(scenario.clock.step_seconds.max(1));
            (text, steps as u32)
        }
        Some((formula, date)) => {
            let written = place(formula.len() + 1, text.len());
            let fault = |allowed: String| {
                Fault::at(&written, format!("the moment `{}`", date.trim()), allowed)
            };
            let step = match (after_start(date), date.trim().parse()) {
                (Some(seconds), _) => steps_by(scenario, seconds),
                (None, Ok(moment)) => steps_until(scenario, end_of_day(moment)),
                (None, Err(_)) => Err("a date such as 2022-01-05, or 2022-01-05T16:30:00, or \
                                       t0 + 3d"
                    .to_owned()),
            };
            (formula, step.map_err(fault)?)
        }
    };
    let mut expression = Expression::parse(formula, &place(0, formula.len()), &Inside::from(0))?;
    expression.spread(&scenario.ids(), &mut limits::SPREAD.clone())?;
    Ok(Quantity {
        text: text.to_owned(),
        step,
        expression,
    })
}
