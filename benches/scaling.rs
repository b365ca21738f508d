//! What a round costs as scenarios grow: steps, actors, contenders and actions, each over a factor
//! of 16; and the cost of one expression operation and of one random word.
//!
//! Prints tables, and draws the curves into `docs/pictures/` when told:
//! `cargo bench --bench scaling -- --pictures`.

#![expect(clippy::print_stdout, reason = "its tables are what it is for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use kzsim::internals::engine::draws::{BLOCK, chacha8};
use kzsim::internals::engine::{Batch, Isa, Observer, evaluate};
use kzsim::internals::ensemble::WIDTH;
use kzsim::internals::plan::{Needs, Plan};
use kzsim::internals::scenario::Scenario;
use plotters::prelude::*;

const REPEATS: usize = 7;

/// Words where the engine keeps them: in whole cache lines.
#[repr(align(64))]
struct Words([[u32; WIDTH]; BLOCK]);

struct Quiet;

impl<const W: usize> Observer<W> for Quiet {
    fn reads(&self, _batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) -> Needs {
        Needs::default()
    }
}

/// How large an invented scenario is.
#[derive(Debug, Clone, Copy)]
struct Size {
    steps: usize,
    actors: usize,
    contenders: usize,
    actions: usize,
}

const USUAL: Size = Size {
    steps: 64,
    actors: 16,
    contenders: 3,
    actions: 16,
};

impl Size {
    /// The text of a scenario in which nothing ends a round early.
    fn text(self) -> String {
        let mut out = String::from("schema = 1\nseed = 1\nrounds = 1000\n[contenders]\n");
        for c in 0..self.contenders {
            let _ = writeln!(out, "c{c} = {{}}");
        }
        let _ = writeln!(
            out,
            "[clock]\nstart = 2022-01-01\ndays = {}\nstep = \"6h\"",
            self.steps / 4
        );
        out.push_str("[arenas]\nforce = 1\n[variables]\nx = 0.1\n[dynamics]\nreconsider = 0.5\ndiffusion = 0.05\n");
        for a in 0..self.actors {
            let _ = writeln!(out, "[actors.a{a}]\nkind = \"body\"\npower.force = 1");
            for c in 0..self.contenders {
                let _ = writeln!(out, "loyalty.c{c} = {{ min = 0.2, max = 0.8 }}");
            }
        }
        for i in 0..self.actions {
            let _ = writeln!(
                out,
                "[actions.e{i}]\nwhen = \"support.c0 > 0.{}\"\nrate = \"0.05 + x * support.c1 / {}\"\nlimit = 1000\neffects = [\"x += 0.001\"]",
                1 + i % 4,
                i + 2
            );
        }
        out.push_str("[outcomes.on]\notherwise = true\n");
        out
    }

    fn load(self) -> Plan {
        let folder = tempfile::tempdir().expect("a folder for the invented scenario");
        let path = folder.path().join("invented.toml");
        std::fs::write(&path, self.text()).expect("a file for the invented scenario");
        let (scenario, faults) = Scenario::read(&path, &[]).expect("a scenario");
        assert!(faults.is_empty(), "{faults:?}");
        Plan::new(&scenario).expect("a plan")
    }

    /// Nanoseconds that a round takes: the median over repeats.
    fn cost(self) -> f64 {
        let plan = self.load();
        let mut batch = Batch::<'_, WIDTH>::with_isa(&plan, 1, Isa::widest());
        let batches =
            1 + 4_000_000 / (WIDTH * self.steps * (self.actors + self.actions) * self.contenders);
        let mut times: Vec<f64> = (0..REPEATS)
            .map(|_| {
                let start = Instant::now();
                for b in 0..batches {
                    batch.initialise((b * WIDTH) as u64, WIDTH);
                    batch.play(&mut Quiet);
                }
                start.elapsed().as_secs_f64() * 1e9 / (batches * WIDTH) as f64
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[REPEATS / 2]
    }
}

/// Sizes of one kind and what a round costs at each.
struct Curve {
    name: &'static str,
    points: Vec<(usize, f64)>,
}

impl Curve {
    fn new(name: &'static str, sizes: &[usize], with: impl Fn(usize) -> Size) -> Self {
        let points = sizes.iter().map(|n| (*n, with(*n).cost())).collect();
        Self { name, points }
    }

    /// The power of the size by which cost grows, between the first point and the last.
    fn exponent(&self) -> f64 {
        let ((n0, t0), (n1, t1)) = (self.points[0], self.points[self.points.len() - 1]);
        libm::log(t1 / t0) / libm::log(n1 as f64 / n0 as f64)
    }

    fn print(&self) {
        println!("| {} | nanoseconds a round | by unit of size |", self.name);
        println!("| ---: | ---: | ---: |");
        for (n, t) in &self.points {
            println!("| {n} | {t:.0} | {:.0} |", t / *n as f64);
        }
        println!("\nGrows as size to the power {:.2}.\n", self.exponent());
    }
}

/// Cost against size, both by doublings, each curve from its first point.
fn draw(curves: &[Curve], path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (720, 480)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption("Cost of a round as a scenario grows", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(
            (1_f64..16.0).log_scale().base(2.0),
            (0.9_f64..20.0).log_scale().base(2.0),
        )?;
    chart
        .configure_mesh()
        .x_desc("size, against the smallest")
        .y_desc("nanoseconds a round, against the smallest")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    chart
        .draw_series(LineSeries::new([(1.0, 1.0), (16.0, 16.0)], BLACK.mix(0.4)))?
        .label("linear")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLACK.mix(0.4)));
    // Okabe and Ito's colours, which the colour-blind tell apart.
    let colours = [
        RGBColor(0, 114, 178),
        RGBColor(230, 159, 0),
        RGBColor(0, 158, 115),
        RGBColor(204, 121, 167),
    ];
    for (curve, colour) in curves.iter().zip(colours) {
        let (n0, t0) = curve.points[0];
        let points: Vec<(f64, f64)> = curve
            .points
            .iter()
            .map(|(n, t)| (*n as f64 / n0 as f64, t / t0))
            .collect();
        chart
            .draw_series(LineSeries::new(points.clone(), colour.stroke_width(2)))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(
            points
                .into_iter()
                .map(|p| Circle::new(p, 3, colour.filled())),
        )?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}

/// Nanoseconds of one expression operation in one round, and of one random word.
fn units() -> (f64, f64) {
    let (scenario, _) =
        Scenario::read(Path::new("scenarios/base.toml"), &[]).expect("the base case");
    let plan = Plan::new(&scenario).expect("a plan");
    let isa = Isa::widest();
    let mut batch = Batch::<'_, WIDTH>::with_isa(&plan, 1, isa);
    batch.initialise(0, WIDTH);
    let time = |mut f: Box<dyn FnMut() + '_>| {
        let start = Instant::now();
        for _ in 0..20_000 {
            f();
        }
        start.elapsed().as_secs_f64() * 1e9 / 20_000.0 / WIDTH as f64
    };
    let operation = time(Box::new(|| {
        evaluate::run(isa, &plan.act, &mut batch.slots);
    })) / plan.act.instructions.len() as f64;
    let streams: [u64; WIDTH] = std::array::from_fn(|i| i as u64);
    let mut out = Words([[0; WIDTH]; BLOCK]);
    let mut block = 0;
    let word = time(Box::new(|| {
        block += 1;
        isa.run(
            #[inline(always)]
            || chacha8(&[3; 8], block, black_box(&streams), &mut out.0),
        );
        black_box(&out);
    })) / BLOCK as f64;
    (operation, word)
}

fn main() {
    let sizes = [4, 8, 16, 32, 64];
    let curves = [
        Curve::new("steps", &[32, 64, 128, 256, 512], |steps| Size {
            steps,
            ..USUAL
        }),
        Curve::new("actors", &sizes, |actors| Size { actors, ..USUAL }),
        Curve::new("contenders", &[2, 4, 8, 16, 32], |contenders| Size {
            contenders,
            ..USUAL
        }),
        Curve::new("actions", &sizes, |actions| Size { actions, ..USUAL }),
    ];
    println!(
        "{} lanes, {}, one thread; {USUAL:?} where not varied; median of {REPEATS}\n",
        WIDTH,
        Isa::widest()
    );
    for curve in &curves {
        curve.print();
    }
    let last = |c: &Curve| c.points[c.points.len() - 1].1;
    let per_actor_step = (last(&curves[1]) - curves[1].points[0].1) / (60.0 * USUAL.steps as f64);
    let (operation, word) = units();
    println!("| unit | nanoseconds |");
    println!("| --- | ---: |");
    println!("| one actor in one step | {per_actor_step:.1} |");
    println!("| one expression operation in one round | {operation:.3} |");
    println!("| one random word | {word:.3} |");
    if std::env::args().any(|a| a == "--pictures") {
        let path = Path::new("docs/pictures/scaling.svg");
        std::fs::create_dir_all("docs/pictures").expect("a folder for pictures");
        draw(&curves, path).expect("a picture");
        println!("\nDrawn: {}", path.display());
    }
}
