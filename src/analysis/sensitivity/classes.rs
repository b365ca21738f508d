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
    // As whole numbers of the same order, each beside its row, so that sorting looks nowhere else.
    let whole = |x: f64| {
        let bits = x.to_bits();
        let negative = (bits >> 63).wrapping_neg();
        bits ^ (negative | 1 << 63)
    };
    let mut order: Vec<(u64, u32)> = values.map(whole).zip(0..).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, row)| row).collect()
}

/// The classes of rows that are counted one after another: of equal size up to one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    rows: usize,
    classes: usize,
    class: usize,
    done: usize,
    /// Rows up to the end of the class.
    end: usize,
}

impl Ends {
    /// So many classes of so many rows.
    pub(super) fn new(rows: usize, classes: usize) -> Self {
        Self {
            rows,
            classes,
            class: 0,
            done: 0,
            end: rows / classes,
        }
    }

    /// Rows that the class of the next one still takes: at least one, unless all have been counted.
    #[inline(always)]
    pub(super) fn room(&mut self) -> usize {
        while self.done >= self.end && self.done < self.rows {
            self.class += 1;
            self.end = (self.class + 1) * self.rows / self.classes;
        }
        self.end - self.done
    }

    /// The class that [`Self::room`] was about.
    #[inline(always)]
    pub(super) fn class(&self) -> usize {
        self.class
    }

    /// Counts rows, no more than there is room for.
    #[inline(always)]
    pub(super) fn advance(&mut self, rows: usize) {
        self.done += rows;
    }
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
    let mut ends = Ends::new(order.len(), classes);
    for row in order {
        let row = *row as usize;
        let mut left = counts[row] as usize;
        while left > 0 {
            let times = left.min(ends.room());
            f(ends.class(), row, times as f64);
            ends.advance(times);
            left -= times;
        }
    }
}

/// Number of rows in a class.
pub(super) fn size(rows: usize, classes: usize, class: usize) -> f64 {
    ((class + 1) * rows / classes - class * rows / classes) as f64
}
