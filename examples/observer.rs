//! An observer of one's own: sees every step of every round, on all cores, and collects what no table
//! has. Here, how large the first crowd ever became.
//!
//!     cargo run --example observer

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use kzsim::{Batch, Observer, Player, Study, WIDTH};

/// The largest turnout of the first crowd in each round.
#[derive(Default)]
struct Largest(std::collections::BTreeMap<u64, f32>);

impl<const W: usize> Observer<W> for Largest {
    fn settled(&mut self, batch: &Batch<'_, W>, _decided: &[Option<usize>; W]) {
        let turnout = batch.get(batch.layout().turnout(0));
        for lane in batch.alive.lanes() {
            let largest = self.0.entry(batch.rounds[lane]).or_default();
            *largest = largest.max(turnout.0[lane]);
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let study = Study::open("scenarios/base.toml")?;
    let player = Player {
        seed: 1,
        ..Player::default()
    };
    // One observer per thread; which rounds each saw does not matter once they are put together.
    let seen = player.observe::<WIDTH, _>(study.plan(), &(0..2_000).into(), Largest::default)?;
    let mut largest: Vec<f32> = seen.iter().flat_map(|l| l.0.values().copied()).collect();
    largest.sort_by(f32::total_cmp);
    println!("{}", study.scenario().crowds[0].name);
    for (name, part) in [
        ("median", 2),
        ("one round in ten", 10),
        ("one round in a hundred", 100),
    ] {
        let at = largest.len() - 1 - largest.len() / part;
        println!("{name}: {:.4} or more", largest[at]);
    }
    Ok(())
}
