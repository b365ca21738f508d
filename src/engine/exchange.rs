//! Rounds change places between batches, so that those that have ended take no lanes from those that
//! go on. A round is the same in any lane of any batch: its draws have names.

use super::draws::Draws;
use super::lanes::{Lanes, Mask};
use super::state::{Batch, Sites};

/// Lanes that change places: one of the first batch, one of the second.
type Pairs = [(usize, usize)];

fn rows<T>(a: &mut [T], b: &mut [T], mut swap: impl FnMut(&mut T, &mut T)) {
    for (a, b) in a.iter_mut().zip(b) {
        swap(a, b);
    }
}

fn lanes<const W: usize>(a: &mut Lanes<W>, b: &mut Lanes<W>, pairs: &Pairs) {
    values(&mut a.0, &mut b.0, pairs);
}

fn values<T>(a: &mut [T], b: &mut [T], pairs: &Pairs) {
    for (i, j) in pairs {
        std::mem::swap(&mut a[*i], &mut b[*j]);
    }
}

fn masks<const W: usize>(a: &mut Mask<W>, b: &mut Mask<W>, pairs: &Pairs) {
    for (i, j) in pairs {
        let (x, y) = (a.at(*i), b.at(*j));
        a.set(*i, y);
        b.set(*j, x);
    }
}

impl<const W: usize> Sites<W> {
    /// `step` and `day` are the next indices of sites that draw by step and by day.
    fn exchange(&mut self, other: &mut Self, pairs: &Pairs, step: u64, day: u64) {
        let draws = |a: &mut [Draws<W>], b: &mut [Draws<W>], next: u64| {
            rows(a, b, |a, b| a.exchange(b, pairs, next));
        };
        rows(&mut self.perceive, &mut other.perceive, |a, b| {
            draws(a, b, day);
        });
        rows(&mut self.drift, &mut other.drift, |a, b| draws(a, b, step));
        rows(&mut self.choose, &mut other.choose, |a, b| {
            if let (Some(a), Some(b)) = (a, b) {
                a.exchange(b, pairs, step);
            }
        });
        draws(&mut self.mood, &mut other.mood, step);
        // Happenings draw by number: their first words stay in use.
        draws(&mut self.act, &mut other.act, 0);
        draws(&mut self.success, &mut other.success, 0);
    }
}

impl<const W: usize> Batch<'_, W> {
    /// Rounds change places with rounds of another batch of the same plan at the same step.
    pub fn exchange(&mut self, other: &mut Self, pairs: &Pairs) {
        debug_assert_eq!(self.t, other.t, "batches at different steps");
        rows(&mut self.slots, &mut other.slots, |a, b| lanes(a, b, pairs));
        values(&mut self.rounds, &mut other.rounds, pairs);
        values(&mut self.labels, &mut other.labels, pairs);
        masks(&mut self.alive, &mut other.alive, pairs);
        let (step, day) = (u64::from(self.t), self.whole_day());
        self.draws.exchange(&mut other.draws, pairs, step, day);
        rows(&mut self.tastes, &mut other.tastes, |a, b| {
            lanes(a, b, pairs);
        });
        rows(&mut self.mood, &mut other.mood, |a, b| lanes(a, b, pairs));
        rows(
            &mut self.grievance_start,
            &mut other.grievance_start,
            |a, b| {
                lanes(a, b, pairs);
            },
        );
        rows(&mut self.actions, &mut other.actions, |a, b| {
            for (a, b) in [
                (&mut a.clock, &mut b.clock),
                (&mut a.threshold, &mut b.threshold),
                (&mut a.start, &mut b.start),
                (&mut a.now, &mut b.now),
                (&mut a.rate, &mut b.rate),
            ] {
                lanes(a, b, pairs);
            }
            values(&mut a.decisions, &mut b.decisions, pairs);
            masks(&mut a.spell, &mut b.spell, pairs);
            masks(&mut a.judged, &mut b.judged, pairs);
            if !a.queue.is_empty() {
                values(&mut a.queue, &mut b.queue, pairs);
            }
        });
        rows(&mut self.runs, &mut other.runs, |a, b| values(a, b, pairs));
        rows(&mut self.flags, &mut other.flags, |a, b| masks(a, b, pairs));
        rows(&mut self.seen, &mut other.seen, |a, b| masks(a, b, pairs));
        rows(&mut self.read, &mut other.read, |a, b| lanes(a, b, pairs));
        self.facts_are_stale();
        other.facts_are_stale();
    }
}
