//! What the scenario's own words mean that a trace has used.

use super::Narrator;
use super::conditions::told;
use crate::engine::Batch;
use crate::scenario::words::plain;
use crate::text::number::value;

impl Narrator<'_> {
    /// Explains the variables, formulas and parameters that were told.
    pub(super) fn glossary(&mut self, batch: &Batch<'_, 1>) {
        let s = self.s;
        let mut lines = Vec::new();
        let mut explained = Vec::new();
        // What explains a formula may use others.
        loop {
            let words = self.called.words.borrow().clone();
            let Some(word) = words.into_iter().find(|w| !explained.contains(w)) else {
                break;
            };
            let variable = s.variables.iter().find(|v| v.id == word);
            let parameter = s.parameters.iter().find(|p| p.id == word);
            let formula = s.formulas.iter().find(|f| f.id == word);
            let numbers = variable.map(|v| &v.number).or(parameter.map(|p| &p.number));
            let says = numbers.and_then(|n| n.remarks.says.clone());
            let means = says.or(formula.map(|f| told((s, &self.called), None, &f.expression)));
            if let Some(means) = means {
                let path = format!("parameters.{word}");
                let prior = batch.plan.priors.iter().position(|p| p.path == path);
                let here = prior.map(|i| batch.get(batch.layout().prior(i)).0[0]);
                let here = here.map_or(String::new(), |x| {
                    format!(" ({} here)", value(f64::from(x)))
                });
                lines.push(format!("  {}{here}: {means}", plain(&word)));
            }
            explained.push(word);
        }
        lines.sort();
        if !lines.is_empty() {
            self.line("Words of the scenario:");
            self.line(&lines.join("\n"));
        }
    }
}
