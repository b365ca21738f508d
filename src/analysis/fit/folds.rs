//! Clusters dealt to folds.

use crate::analysis::stream::Stream;

/// The fold of each cluster, given the number of its cases: clusters in a random order, the largest first, each
/// into the fold with the fewest cases so far. Folds are fewer than clusters, or as many.
#[must_use]
pub fn deal(sizes: &[usize], folds: usize, seed: u64, site: &str) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    Stream::new(seed, site, 0).shuffle(&mut order);
    order.sort_by_key(|c| std::cmp::Reverse(sizes[*c]));
    let mut filled = vec![(0_usize, 0_usize); folds.max(1)];
    let mut out = vec![0; sizes.len()];
    for cluster in order {
        // Of equally filled folds the one with fewer clusters, so that none stays empty.
        let fold = (0..filled.len())
            .min_by_key(|f| (filled[*f], *f))
            .unwrap_or(0);
        filled[fold].0 += sizes[cluster];
        filled[fold].1 += 1;
        out[cluster] = fold;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_balanced_and_none_is_empty() {
        let sizes: Vec<usize> = (0..54).map(|i| 1 + i * i % 23).collect();
        let of = deal(&sizes, 10, 1, "test");
        let cases = |f: usize| -> usize {
            sizes
                .iter()
                .zip(&of)
                .filter(|(_, g)| **g == f)
                .map(|(n, _)| n)
                .sum()
        };
        let all: Vec<usize> = (0..10).map(cases).collect();
        let (least, most) = (all.iter().min(), all.iter().max());
        assert!(least.zip(most).is_some_and(|(l, m)| m - l <= 3), "{all:?}");
        assert_eq!(of, deal(&sizes, 10, 1, "test"));
        assert_ne!(of, deal(&sizes, 10, 2, "test"));
        let mut few = deal(&[5, 1, 1], 3, 1, "test");
        few.sort_unstable();
        assert_eq!(few, [0, 1, 2]);
    }
}
