//! Isotonic regression: the nondecreasing recalibration that fits best under every proper score.

/// Numbers grouped by equality, in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups {
    /// The distinct numbers, rising.
    pub values: Vec<f64>,
    /// The index into them of each number.
    pub of: Vec<usize>,
}

impl Groups {
    /// Groups finite numbers.
    #[must_use]
    pub fn new(numbers: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..numbers.len()).collect();
        order.sort_by(|a, b| numbers[*a].total_cmp(&numbers[*b]));
        let (mut values, mut of): (Vec<f64>, _) = (Vec::new(), vec![0; numbers.len()]);
        for i in order {
            if values.last().is_none_or(|last| *last != numbers[i]) {
                values.push(numbers[i]);
            }
            of[i] = values.len() - 1;
        }
        Self { values, of }
    }

    /// Sums of weights, and of weights times `y`, by group.
    #[must_use]
    pub fn sums(&self, rows: impl IntoIterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
        let mut out = vec![(0.0, 0.0); self.values.len()];
        for (group, (w, y)) in self.of.iter().zip(rows) {
            out[*group].0 += w;
            out[*group].1 += w * y;
        }
        out
    }
}

/// A stretch of groups with one recalibrated value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Block {
    /// Index of the group behind its last.
    pub end: usize,
    /// Sum of weights.
    pub weight: f64,
    /// Sum of weights times `y`.
    pub sum: f64,
}

impl Block {
    /// The recalibrated value.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.sum / self.weight
    }
}

/// Pools adjacent violators: blocks of rising values, from the sums of groups in rising order. Groups
/// without weight join the block before them.
#[must_use]
pub fn blocks(groups: &[(f64, f64)]) -> Vec<Block> {
    let mut out: Vec<Block> = Vec::new();
    for (i, (weight, sum)) in groups.iter().enumerate() {
        let mut block = Block {
            end: i + 1,
            weight: *weight,
            sum: *sum,
        };
        while let Some(last) = out.last() {
            // As products: a block without weight has no value yet.
            if last.sum * block.weight < block.sum * last.weight {
                break;
            }
            block.weight += last.weight;
            block.sum += last.sum;
            out.pop();
        }
        out.push(block);
    }
    out
}

/// The recalibrated value of each group.
#[must_use]
pub fn isotonic(groups: &[(f64, f64)]) -> Vec<f64> {
    let mut out = Vec::with_capacity(groups.len());
    for block in blocks(groups) {
        out.resize(block.end, block.value());
    }
    out
}
