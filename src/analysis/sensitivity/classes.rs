//! Rows in order of an input, divided into classes of equal size.

/// The usual number of classes for so many rows (Plischke, Borgonovo & Smith 2013, as in `SALib`):
/// about their cube root, at most 48.
pub(super) fn usual_number(rows: usize) -> usize {
    let n = rows as f64;
    let exponent = 2.0 / (7.0 + libm::tanh((1500.0 - n) / 500.0));
    (libm::pow(n, exponent).ceil() as usize).clamp(1, 48)
}

/// Rows from the lowest value to the highest; equal values in the order of rows.
pub(super) fn order(values: impl Iterator<Item = f64>) -> Vec<u32> {
    let values: Vec<f64> = values.collect();
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    order
}

/// Calls `f(class, row, times)` for every row in order. Row r counts `counts[r]` times; if these
/// straddle the border of two classes, each gets its part, so that classes are of equal size
/// up to one.
pub(super) fn split(
    order: &[u32],
    counts: &[u32],
    classes: usize,
    mut f: impl FnMut(usize, usize, f64),
) {
    let n = order.len();
    let mut done = 0;
    let mut class = 0;
    let mut end = n / classes;
    for row in order {
        let row = *row as usize;
        let mut left = counts[row] as usize;
        while left > 0 {
            while done >= end {
                class += 1;
                end = (class + 1) * n / classes;
            }
            let times = left.min(end - done);
            f(class, row, times as f64);
            done += times;
            left -= times;
        }
    }
}

/// Number of rows in a class.
pub(super) fn size(rows: usize, classes: usize, class: usize) -> f64 {
    ((class + 1) * rows / classes - class * rows / classes) as f64
}
