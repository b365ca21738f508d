//! Scores as rows of tables, and what makes them doubtful.

use super::Panel;
use super::baselines::Baseline;
use crate::analysis::score::Forecast;
use crate::analysis::score::evaluate::Evaluation;
use crate::analysis::score::proper::{brier, log, rps};
use crate::analysis::score::resample::FEW;
use crate::study::forecasts::{FEW_ROUNDS, floor};
use crate::table::score::{CaseScoreRow, ReliabilityRow, ScoreRow, Scores};

/// Whose forecasts are scored.
pub(super) struct About<'a> {
    pub(super) panel: &'a Panel,
    pub(super) group: &'a str,
    pub(super) baselines: &'a [String],
}

/// What was observed of an event, in words that no reader takes for a number.
const HAPPENED: &str = "happened";
/// The same where it did not.
const DID_NOT: &str = "did not happen";

impl About<'_> {
    /// Adds rows of `scores.csv`.
    pub(super) fn score_rows(&self, found: &Evaluation, scores: &mut Scores) {
        let baselines: Vec<&str> = self.baselines.iter().map(String::as_str).collect();
        for n in found.named(&baselines) {
            scores.metrics.push(ScoreRow {
                forecaster: self.panel.forecaster.clone(),
                horizon: self.panel.horizon.clone(),
                group: self.group.to_owned(),
                metric: n.metric,
                baseline: n.baseline,
                value: n.estimate.value,
                ci_low: n.estimate.interval.map(|i| i.0),
                ci_high: n.estimate.interval.map(|i| i.1),
                p: n.p,
                cases: found.cases as u64,
                clusters: found.clusters as u64,
            });
        }
        if self.group.is_empty() {
            self.warn(found, scores);
        }
    }

    /// Whose they are, in a warning.
    fn whose(&self) -> String {
        let names = [&self.panel.forecaster, &self.panel.horizon];
        let names: Vec<&str> = names
            .into_iter()
            .map(String::as_str)
            .filter(|n| !n.is_empty())
            .collect();
        if names.is_empty() {
            String::new()
        } else {
            format!("{}: ", names.join(", "))
        }
    }

    fn warn(&self, found: &Evaluation, scores: &mut Scores) {
        let whose = self.whose();
        let mut warn = |text: String| scores.warnings.push(format!("{whose}{text}"));
        if found.clusters < FEW {
            let clusters = match found.clusters {
                1 => "1 cluster".to_owned(),
                n => format!("{n} clusters"),
            };
            warn(format!(
                "{clusters}: with fewer than {FEW} the intervals are too narrow"
            ));
        }
        if found.clipped > 0 {
            warn(format!(
                "{} of {} probabilities were clipped for the log score (cases.csv says which)",
                found.clipped,
                self.panel.forecasts.len()
            ));
        }
        let few = self.panel.forecasts.iter();
        // With `--clip` it is not rounds that decide what is read.
        let few =
            few.filter(|f| f.rounds.is_some_and(|n| n < FEW_ROUNDS) && f.floor == floor(f.rounds));
        let floors: Vec<f64> = few.map(|f| f.floor).collect();
        if let Some(floor) = floors.iter().copied().reduce(f64::max) {
            warn(format!(
                "{} of {} forecasts rest on fewer than {FEW_ROUNDS} rounds: for the log score none of their probabilities \
                 is read as less than half a round, up to {floor:.2}, which flatters them",
                floors.len(),
                self.panel.forecasts.len()
            ));
        }
        let Some(events) = &found.events else {
            return;
        };
        let all = self.panel.forecasts.iter();
        let happened: Vec<bool> = all.map(|f| f.observed == 1).collect();
        if happened.iter().all(|h| *h == happened[0]) {
            let what = if happened[0] { "every" } else { "no" };
            warn(format!(
                "the event happened in {what} case: AUC and calibration are undefined"
            ));
        } else if events.pooled_base_rate {
            warn(
                "the forecasts look like the base rates of other folds, pooled: their AUC is below one half by \
                 construction, and is left out, as is their calibration slope"
                    .to_owned(),
            );
        } else if events.auc.value.is_some_and(|a| a < 0.5) {
            warn(
                "the AUC is below one half: the forecasts rank cases the wrong way round"
                    .to_owned(),
            );
        }
        let both = happened.iter().any(|h| *h != happened[0]) && !events.pooled_base_rate;
        if both && events.slope.value.is_none() {
            warn(
                "the calibration slope is undefined: the forecasts are all the same, or separate the events from \
                 the rest"
                    .to_owned(),
            );
        }
    }

    /// Adds rows of `cases.csv`.
    pub(super) fn case_rows<'o>(
        &self,
        baseline: Option<&Vec<Forecast>>,
        ordered: bool,
        outcome: impl Fn(usize) -> &'o str,
        scores: &mut Scores,
    ) {
        let panel = self.panel;
        for (i, f) in panel.forecasts.iter().enumerate() {
            let (log_score, clipped) = log(f);
            let baseline = baseline.map(|b| &b[i]);
            let p = if f.is_event() { 0 } else { f.observed };
            scores.cases.push(CaseScoreRow {
                forecaster: panel.forecaster.clone(),
                horizon: panel.horizon.clone(),
                case: panel.keys[i].0.clone(),
                cluster: panel.clusters[f.cluster].clone(),
                outcome: match (f.is_event(), f.observed) {
                    (true, 0) => DID_NOT.to_owned(),
                    (true, _) => HAPPENED.to_owned(),
                    (false, _) => outcome(panel.rows[i]).to_owned(),
                },
                probability: f.probabilities[p],
                weight: f.weight,
                brier: brier(f),
                log: log_score,
                rps: ordered.then(|| rps(f)),
                clipped,
                brier_baseline: baseline.map(brier),
                log_baseline: baseline.map(|b| log(b).0),
            });
        }
    }

    /// Adds rows of `reliability.csv`.
    pub(super) fn reliability_rows(&self, found: &Evaluation, scores: &mut Scores) {
        let Some(events) = &found.events else {
            return;
        };
        let r = &events.reliability;
        for i in 0..r.p.len() {
            scores.reliability.push(ReliabilityRow {
                forecaster: self.panel.forecaster.clone(),
                horizon: self.panel.horizon.clone(),
                probability: r.p[i],
                weight: r.weight[i],
                recalibrated: r.recalibrated[i],
                band_low: r.low[i],
                band_high: r.high[i],
            });
        }
    }
}

/// Adds warnings about all forecasters.
pub(super) fn warn(scores: &mut Scores, baselines: &[Baseline], trained: bool) {
    let counts = |b: &&Baseline| matches!(b, Baseline::BaseRate | Baseline::Climatology(_));
    if let Some(baseline) = baselines.iter().find(counts).filter(|_| !trained) {
        scores.warnings.push(format!(
            "the baseline {baseline} knows what was observed in these very cases, which no forecaster did: skill is \
             understated; --train takes it from other cases"
        ));
    }
}
