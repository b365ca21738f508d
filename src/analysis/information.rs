//! How much one yes-or-no fact tells of another, in bits (Shannon 1948).

/// Returns the mutual information of two facts from how many rounds had neither, only the second, only
/// the first, and both: from 0, nothing, to 1, everything about a fact that half of the rounds have. It is
/// less than 0 by at most rounding errors.
#[must_use]
pub fn mutual(rounds: [[u64; 2]; 2]) -> f64 {
    let all: u64 = rounds.iter().flatten().sum();
    let part = |n: u64| n as f64 / all.max(1) as f64;
    let row = |i: usize| part(rounds[i][0] + rounds[i][1]);
    let column = |j: usize| part(rounds[0][j] + rounds[1][j]);
    let mut bits = 0.0;
    for (i, own) in rounds.iter().enumerate() {
        for (j, n) in own.iter().enumerate() {
            if *n > 0 {
                bits += part(*n) * libm::log2(part(*n) / (row(i) * column(j)));
            }
        }
    }
    bits
}

/// Returns by how much [`mutual`] is too large on average for facts that have nothing to do with each other:
/// one degree of freedom (Miller 1955). None where either fact is the same in all rounds.
#[must_use]
pub fn bias(rounds: [[u64; 2]; 2]) -> f64 {
    let both = |a: u64, b: u64| a > 0 && b > 0;
    let [[a, b], [c, d]] = rounds;
    if both(a + b, c + d) && both(a + c, b + d) {
        1.0 / (2.0 * (a + b + c + d) as f64 * std::f64::consts::LN_2)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_tells_all_of_itself_and_nothing_of_what_is_independent() {
        assert!((mutual([[50, 0], [0, 50]]) - 1.0).abs() < 1e-12);
        assert!((mutual([[0, 50], [50, 0]]) - 1.0).abs() < 1e-12);
        assert!(mutual([[30, 30], [20, 20]]).abs() < 1e-12);
        // 1 − H(1/4): a channel that errs once in four times.
        let expected = 1.0 + 0.25 * 0.25_f64.log2() + 0.75 * 0.75_f64.log2();
        assert!((mutual([[3, 1], [1, 3]]) - expected).abs() < 1e-12);
        assert!(mutual([[0, 0], [0, 7]]).abs() < 1e-12);
        assert!(bias([[0, 0], [3, 7]]).abs() < 1e-12 && bias([[1, 1], [1, 1]]) > 0.0);
    }
}
