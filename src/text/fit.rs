//! What `kzsim fit` prints.

use std::fmt::Write;

use comfy_table::Cell;

use super::layout::{Layout, right};
use super::number::{count, decimal, number, p_value, percent};
use crate::table::fit::{FitScoreRow, Fitted};

/// What the numbers do not mean.
const CAVEAT: &str = "A fit finds the coefficients under which the template explains these cases best. It does not say that the \
                      template is how such things work, nor that the next cases are like these.";
/// Forecasters in the order in which they are shown, by what they are called.
const NAMES: [(&str, &str); 6] = [
    ("engine", "Template, fitted"),
    ("prior", "Template, not fitted"),
    ("logit", "Ridge logit"),
    ("pool", "Mean of both"),
    ("climatology", "Rates by class"),
    ("base_rate", "Base rate"),
];

/// Everything in sentences and tables.
#[must_use]
pub fn summary(fitted: &Fitted, layout: Layout) -> String {
    let facts = &fitted.facts;
    let mut out = String::new();
    let clusters = match &facts.cluster {
        Some(name) => format!(" in {} clusters ({name})", count(facts.clusters as u64)),
        None => String::new(),
    };
    let text = format!(
        "{} cases{clusters}, {} of them different; {} vectors of coefficients, {} rounds each. {} effective vectors; log \
         evidence {}{}.",
        count(facts.cases as u64),
        count(facts.distinct_cases as u64),
        count(facts.vectors as u64),
        count(facts.rounds),
        decimal(facts.effective, 0),
        decimal(facts.log_evidence, 1),
        match facts.log_evidence_error {
            0.0 => String::new(),
            error => format!(" (± {})", decimal(error, 2)),
        }
    );
    layout.paragraph(&mut out, &text);
    out.push('\n');
    let _ = writeln!(out, "{}", coefficients(fitted, layout));
    layout.paragraph(
        &mut out,
        "Learned is the part of the prior's variance that the data take away; below one half a coefficient is not \
         identified, and its prior is the better guide.",
    );
    out.push('\n');
    for (part, title) in [
        ("folds", "Forecasts of folds"),
        ("held_out", "Forecasts of held-out cases"),
    ] {
        if fitted.scores.iter().any(|r| r.part == part) {
            let _ = writeln!(out, "{}", scores(fitted, part, title, layout));
            layout.paragraph(&mut out, &verdict(fitted, part));
            out.push('\n');
        }
    }
    if let Some(all) = fitted.synthetic.iter().find(|r| r.path == "all") {
        let worst = fitted.synthetic.iter().filter_map(|r| r.p);
        let text = format!(
            "{} data sets of known coefficients: intervals of 90 % hold {} of the true values (80 to 97 % would pass), \
             intervals of 50 % hold {}; least p of even ranks {}.",
            count(all.sets),
            percent(all.inside_90),
            percent(all.inside_50),
            p_value(worst.fold(1.0, f64::min))
        );
        layout.paragraph(&mut out, &text);
    }
    if let Some(held) = &facts.held_out {
        let text = format!(
            "{} was opened on {} and recorded in {}; opened before: {}.",
            held.file, held.date, held.record, held.earlier
        );
        layout.paragraph(&mut out, &text);
    }
    for warning in &facts.warnings {
        layout.paragraph(&mut out, &format!("Warning: {warning}."));
    }
    out.push('\n');
    layout.paragraph(&mut out, CAVEAT);
    out
}

fn coefficients(fitted: &Fitted, layout: Layout) -> String {
    let mut table = layout.table(&["Coefficient", "Prior", "Posterior", "5 to 95 %", "Learned"]);
    for c in &fitted.coefficients {
        let with_sd = |mean: f64, sd: f64| format!("{} ± {}", number(mean), number(sd));
        table.add_row(vec![
            Cell::new(&c.path),
            right(with_sd(c.prior_mean, c.prior_sd)),
            right(with_sd(c.posterior_mean, c.posterior_sd)),
            right(format!("{} to {}", number(c.p05), number(c.p95))),
            right(percent(c.learned).replace('-', "−")),
        ]);
    }
    layout.fit(&mut table, &[]);
    table.to_string()
}

fn scores(fitted: &Fitted, part: &str, title: &str, layout: Layout) -> String {
    let mut table = layout.table(&[title, "Brier", "Skill", "Log", "AUC", "Slope"]);
    for (forecaster, name) in NAMES {
        let find = |metric: &str, base: &str| fitted.score(part, forecaster, metric, base);
        let Some(brier) = find("brier", "") else {
            continue;
        };
        let value = |row: Option<&FitScoreRow>, write: &dyn Fn(f64) -> String| {
            row.and_then(|r| r.value).map_or(String::new(), write)
        };
        table.add_row(vec![
            Cell::new(name),
            right(value(Some(brier), &|x| decimal(x, 4))),
            right(value(find("brier_skill", "base_rate"), &|x| {
                percent(x).replace('-', "−")
            })),
            right(value(find("log", ""), &|x| decimal(x, 4))),
            right(value(find("auc", ""), &|x| decimal(x, 3))),
            right(value(find("calibration_slope", ""), &|x| decimal(x, 2))),
        ]);
    }
    layout.fit(&mut table, &[]);
    table.to_string()
}

/// Whether the template says more than the regression, in a sentence.
fn verdict(fitted: &Fitted, part: &str) -> String {
    let compare = |who: &str, name: &str, base: &str, called: &str| -> Option<String> {
        let row = fitted.score(part, who, "brier_difference", base)?;
        let d = row.value?;
        let worse = d < 0.0;
        let turn = |x: f64| if worse { -x } else { x };
        let ends = row.ci_low.zip(row.ci_high).map(|(low, high)| {
            let (low, high) = if worse { (high, low) } else { (low, high) };
            let ends = [turn(low), turn(high)].map(|x| decimal(x, 4));
            format!(" (95 % {} to {})", ends[0], ends[1])
        });
        let word = if worse { "worse" } else { "better" };
        Some(format!(
            "{name} is {word} than {called} by {}{}",
            decimal(d.abs(), 4),
            ends.unwrap_or_default()
        ))
    };
    let all = [
        compare(
            "engine",
            "By Brier score the fitted template",
            "base_rate",
            "the base rate",
        ),
        compare("engine", "the template", "logit", "the regression"),
        compare("pool", "the mean of both", "logit", "the regression"),
    ];
    let said: Vec<String> = all.into_iter().flatten().collect();
    let mut out = said.join("; ");
    out.push('.');
    let pays = fitted
        .score(part, "pool", "brier_difference", "logit")
        .and_then(|r| r.ci_low)
        .is_some_and(|low| low > 0.0);
    if fitted.score(part, "logit", "brier", "").is_some() && !pays {
        out.push_str(
            " Nothing shows that the template knows more than its columns: say \"as good as a regression\", not \"better\".",
        );
    }
    out
}
