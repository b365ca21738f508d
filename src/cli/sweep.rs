//! `kzsim sweep`

use std::path::{Path, PathBuf};

use clap::Args;

use super::args::{PlayArgs, count, expected, read_by, whole};
use super::complete;
use super::context::Context;
use super::failure::Failure;
use crate::analysis::design::Axis;
use crate::scenario::meant::span_meant;
use crate::study::{Design, MOST_POINTS, Sweep};
use crate::text::sweep::summary;

/// Play a scenario at many points of a space of settings.
///
/// Plays the same 10,000 rounds at each point unless --rounds says otherwise. Points of a file with a column `round`
/// play rounds of their own, from that one on: one each unless --rounds says otherwise. So rows of rounds.csv are a
/// design that plays these rounds again. Ctrl-C ends it early: the rounds that every point has played are written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim sweep scenarios/base.toml --over parameters.bond=0.1,0.3,0.5
  kzsim sweep scenarios/base.toml --over parameters.bond=0..0.6:7 --over clock.step=6h,12h
  kzsim sweep scenarios/base.toml --over parameters.bond=0..1:2 --over parameters.vitality=0..1:2 \\
      --design sobol --points 64
  kzsim sweep scenarios/base.toml --design points.csv      # a header of paths, one row per point
  kzsim sweep scenarios/base.toml --design some.csv --set clock.days=60  # kept rounds, longer")]
pub(super) struct SweepArgs {
    /// The scenario file; `-` for standard input
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// A setting and its values: PATH=a,b,c or PATH=low..high:n (n is used by the factorial design only);
    /// may be repeated
    #[arg(long = "over", value_name = "PATH=VALUES", value_parser = read_by("setting", axis), add = complete::settings())]
    over: Vec<(String, Axis)>,
    /// Which points: factorial (every combination), lhs (a Latin hypercube), sobol (a scrambled
    /// Sobol sequence), or a CSV file
    #[arg(long, value_name = "DESIGN", default_value = "factorial")]
    design: String,
    /// Number of points of a Latin hypercube or a Sobol sequence, for the latter best a power of two
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = whole::<u64>("number of points", 2..=10_000))]
    points: u64,
    #[command(flatten)]
    play: PlayArgs,
}

/// Values with commas between them; commas in quotes and in brackets belong to a value, so that it may
/// be an expression, a list or a table.
fn separate(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut depth, mut quote) = (0_usize, None);
    for c in text.chars() {
        match (c, quote) {
            (',', None) if depth == 0 => {
                out.push(String::new());
                continue;
            }
            ('"' | '\'', None) => quote = Some(c),
            (_, Some(q)) if c == q => quote = None,
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.iter().map(|value| value.trim().to_owned()).collect()
}

/// The forms of `--over`.
const FORMS: &str = "PATH=a,b,c or PATH=low..high:n";

/// A setting with its values, as written after `--over`.
fn axis(text: &str) -> Result<(String, Axis), String> {
    let Some((path, values)) = text.split_once('=') else {
        let written = text.trim().split_once([':', ' ']);
        let help = written.map(|(path, values)| format!("write {path}={}", values.trim()));
        return Err(expected(FORMS, help));
    };
    let path = path.trim();
    // 0.1-0.5, 0.1:0.5, 0,1..0,5: a range in another form.
    let colon = values.split(':').collect::<Vec<_>>();
    let other = match colon[..] {
        [low, high] | [low, high, _] if !low.contains("..") => {
            span_meant(&format!("{low}..{high}"))
        }
        _ => span_meant(values.split(':').next().unwrap_or_default()),
    };
    let axis = match values.split_once("..") {
        Some((low, rest)) => {
            let (high, steps) = rest.split_once(':').unwrap_or((rest, "5"));
            let number = |x: &str| x.trim().parse::<f64>().ok().filter(|x| x.is_finite());
            let (Some(low), Some(high)) = (number(low), number(high)) else {
                let what = "numbers for low and high, for example 0.1..0.5:5";
                let help =
                    other.map(|(low, high)| format!("write {path}={low}..{high}:{}", steps.trim()));
                return Err(expected(what, help));
            };
            let written = steps.trim();
            let steps = count(written)
                .and_then(|n| n.try_into().ok())
                .filter(|n| (2..=MOST_POINTS).contains(n));
            let steps = steps.ok_or_else(|| {
                format!(
                    "invalid number of values `{written}`: expected a whole number from 2 to \
                     {MOST_POINTS} after the colon, for example {low}..{high}:5"
                )
            })?;
            if low >= high {
                return Err("expected low below high".to_owned());
            }
            Axis::Range { low, high, steps }
        }
        None => {
            if values.contains(';') {
                let help = format!(
                    "write {path}={}",
                    values.replace(',', ".").replace(';', ",")
                );
                return Err(expected("commas between values", Some(help)));
            }
            if let Some((low, high)) = other {
                let help = format!("write {path}={low}..{high}:5 for five values");
                return Err(expected(FORMS, Some(help)));
            }
            let values = separate(values);
            if let Some(i) = values.iter().position(String::is_empty) {
                return Err(format!(
                    "value {} is empty: expected values with commas between them, for example a,b,c",
                    i + 1
                ));
            }
            if let Some(i) = (1..values.len()).find(|i| values[..*i].contains(&values[*i])) {
                return Err(format!(
                    "the value {} is given twice: expected different values with commas between \
                     them, and numbers with a decimal point",
                    values[i]
                ));
            }
            Axis::Values(values)
        }
    };
    Ok((path.to_owned(), axis))
}

impl SweepArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let study = context.source(&self.scenario, &self.play.set)?.open()?;
        let sweep = Sweep::new(self.design()?).play(context.play(&self.play)?);
        let result = study.sweep(&sweep)?;
        let (seed, rounds) = (result.seed(), result.rounds());
        let text = summary(&result.swept(), seed, rounds, context.layout());
        context.print_written(result.folder(), &text, &["outcomes.csv", "flags.csv"])?;
        result.interrupted().map_or(Ok(()), |e| Err(e.into()))
    }

    fn design(&self) -> Result<Design, Failure> {
        let (axes, points) = (self.over.clone(), self.points as usize);
        match self.design.as_str() {
            "factorial" => Ok(Design::Factorial(axes)),
            "lhs" => Ok(Design::LatinHypercube(axes, points)),
            "sobol" => Ok(Design::Sobol(axes, points)),
            file if Path::new(file).extension().is_some_and(|x| x == "csv") => {
                if !axes.is_empty() {
                    return Err(Failure::Usage(
                        "--over cannot be used with a design in a file".to_owned(),
                    ));
                }
                Ok(Design::read(Path::new(file))?)
            }
            other => Err(Failure::Usage(format!(
                "invalid design `{other}`: expected factorial, lhs, sobol, or a file that ends in \
                 .csv"
            ))),
        }
    }
}
