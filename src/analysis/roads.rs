//! Roads: histories sorted by what happened in them, and the one of several that is most like the others.

/// Histories side by side: by history, then by thing that may happen, when it first did as a part of
/// the clock from 0 to 1; nothing if it did not.
pub type Histories = [Vec<Option<f64>>];

/// How many times as much as chance would do on average has to be explained by what divides a road.
const CLEAR: f64 = 10.0;

/// Histories that are alike in a few things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Road {
    /// Histories, in order.
    pub members: Vec<usize>,
    /// Things that each of them has, and that each lacks, in the order in which they were asked.
    pub with: Vec<usize>,
    /// Things that none of them has.
    pub without: Vec<usize>,
}

impl Road {
    /// How many of its histories have each thing.
    #[must_use]
    pub fn counts(&self, all: &Histories) -> Vec<u64> {
        let things = all.first().map_or(0, Vec::len);
        let mut out = vec![0; things];
        for h in &self.members {
            for (n, when) in out.iter_mut().zip(&all[*h]) {
                *n += u64::from(when.is_some());
            }
        }
        out
    }

    /// The same in two, by one thing.
    fn by(&self, all: &Histories, thing: usize) -> [Self; 2] {
        let mut out = [self.clone(), self.clone()];
        out[0].with.push(thing);
        out[1].without.push(thing);
        out[0].members.retain(|h| all[*h][thing].is_some());
        out[1].members.retain(|h| all[*h][thing].is_none());
        out
    }

    /// How unlike its histories are: of every thing, the variance of whether it happened, summed.
    fn unlike(&self, all: &Histories) -> f64 {
        let n = self.members.len().max(1) as f64;
        let spread = |count: u64| count as f64 * (1.0 - count as f64 / n);
        self.counts(all).into_iter().map(spread).sum()
    }

    /// The thing by which it falls into the two most alike parts of at least `least` histories, the first of
    /// equals, and how much less unlike these are in all other things. None if that is no more than chance does.
    fn best(&self, all: &Histories, least: usize) -> Option<(f64, [Self; 2])> {
        let (counts, whole) = (self.counts(all), self.unlike(all));
        let chance = whole / self.members.len().max(1) as f64;
        let mut best: Option<(f64, [Self; 2])> = None;
        for (thing, count) in counts.iter().enumerate() {
            let (n, all_of_it) = (*count as usize, self.members.len());
            if n < least || all_of_it - n < least {
                continue;
            }
            let parts = self.by(all, thing);
            let own = *count as f64 * (1.0 - *count as f64 / all_of_it as f64);
            let gain = whole - own - parts.iter().map(|part| part.unlike(all)).sum::<f64>();
            if gain > CLEAR * chance && best.as_ref().is_none_or(|(most, _)| gain > *most + 1e-9) {
                best = Some((gain, parts));
            }
        }
        best
    }
}

/// Sorts histories into at most `n` roads: again and again the road is divided, by the thing, with which the
/// parts are least unlike in everything else. No road has fewer than `least` histories, so there may be fewer roads. The most
/// frequent comes first.
#[must_use]
pub fn roads(all: &Histories, n: usize, least: usize) -> Vec<Road> {
    let every = Road {
        members: (0..all.len()).collect(),
        ..Road::default()
    };
    let mut found = vec![every];
    let mut parts = vec![found[0].best(all, least.max(1))];
    while found.len() < n {
        let mut next: Option<(f64, usize)> = None;
        for (i, part) in parts.iter().enumerate() {
            if let Some((gain, _)) = part
                && next.is_none_or(|(most, _)| *gain > most)
            {
                next = Some((*gain, i));
            }
        }
        let Some((_, i)) = next else { break };
        if let Some((_, [a, b])) = parts[i].take() {
            parts[i] = a.best(all, least.max(1));
            parts.push(b.best(all, least.max(1)));
            found[i] = a;
            found.push(b);
        }
    }
    found.sort_by_key(|road| std::cmp::Reverse(road.members.len()));
    found
}

/// How far two histories are from each other: the number of things that only one has, and for each that
/// both have how far apart it came, as a part of the clock.
#[must_use]
pub fn distance(a: &[Option<f64>], b: &[Option<f64>]) -> f64 {
    let each = a.iter().zip(b).map(|pair| match pair {
        (Some(x), Some(y)) => (x - y).abs(),
        (None, None) => 0.0,
        _ => 1.0,
    });
    each.sum()
}

/// The medoid: the one of some histories, at least one, that is nearest to all of them together; the first of
/// equals.
#[must_use]
pub fn medoid(all: &Histories, members: &[usize]) -> usize {
    let far = |h: &usize| -> f64 { members.iter().map(|g| distance(&all[*h], &all[*g])).sum() };
    let mut best = (f64::INFINITY, 0);
    for h in members {
        let sum = far(h);
        if sum < best.0 - 1e-9 {
            best = (sum, *h);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two roads: by things 0 and 1, or by 2 and 3; thing 4 is chance.
    fn two() -> Vec<Vec<Option<f64>>> {
        let mut out = Vec::new();
        for k in 0..20 {
            let luck = (k % 3 == 0).then_some(0.5);
            out.push(if k % 4 == 0 {
                vec![None, None, Some(0.2), Some(0.4), luck]
            } else {
                vec![Some(0.1), Some(0.3), None, None, luck]
            });
        }
        out
    }

    #[test]
    fn two_roads_are_told_apart_by_what_their_histories_share() {
        let all = two();
        let found = roads(&all, 2, 2);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].members.len(), found[1].members.len()), (15, 5));
        assert_eq!((&found[0].with, &found[1].without), (&vec![0], &vec![0]));
        assert_eq!(found[1].counts(&all)[..4], [0, 0, 5, 5]);
        assert_eq!(roads(&all, 1, 2)[0].members.len(), 20);
        // A part of fewer than eleven is no road.
        assert_eq!(roads(&all, 5, 11).len(), 1);
    }

    #[test]
    fn the_medoid_is_nearest_to_all() {
        let at = |x: f64| vec![Some(x), None];
        let all = [
            at(0.0),
            at(0.4),
            at(0.5),
            at(1.0),
            vec![Some(0.4), Some(0.4)],
        ];
        // Sums by hand: 3.3, 2.1, 2.2, 3.7 and 5.1.
        assert_eq!(medoid(&all, &[0, 1, 2, 3, 4]), 1);
        assert_eq!(medoid(&all, &[0, 3]), 0);
        assert!((distance(&all[0], &all[4]) - 1.4).abs() < 1e-12);
    }
}
