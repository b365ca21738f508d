//! Small symmetric matrices, by rows.

/// A square matrix, by rows.
pub type Matrix = Vec<Vec<f64>>;

/// Sweeps of Jacobi's method; it converges quadratically, and eight rows need six.
const SWEEPS: usize = 30;

/// The lower triangle L with L·Lᵀ = `a`, if `a` is positive definite (Cholesky).
#[must_use]
pub fn cholesky(a: &[Vec<f64>]) -> Option<Matrix> {
    let n = a.len();
    let mut l = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let rest: f64 = a[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            l[i][j] = if i == j {
                if rest.is_nan() || rest <= 0.0 {
                    return None;
                }
                rest.sqrt()
            } else {
                rest / l[j][j]
            };
        }
    }
    Some(l)
}

/// The solution x of L·x = `b`.
#[must_use]
pub fn forward(l: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let mut x: Vec<f64> = Vec::with_capacity(b.len());
    for (row, b) in l.iter().zip(b) {
        let known: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
        x.push((b - known) / row[x.len()]);
    }
    x
}

/// The solution x of L·Lᵀ·x = `b`.
#[must_use]
pub fn solve(l: &[Vec<f64>], b: &[f64]) -> Vec<f64> {
    let mut x = forward(l, b);
    for i in (0..x.len()).rev() {
        let known: f64 = (i + 1..x.len()).map(|k| l[k][i] * x[k]).sum();
        x[i] = (x[i] - known) / l[i][i];
    }
    x
}

/// L·`x`.
#[must_use]
pub fn times(l: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    let row = |row: &Vec<f64>| row.iter().zip(x).map(|(a, x)| a * x).sum();
    l.iter().map(row).collect()
}

/// The eigenvalues of a symmetric matrix, falling (Jacobi 1846).
#[must_use]
pub fn eigenvalues(a: &[Vec<f64>]) -> Vec<f64> {
    let n = a.len();
    let mut a = a.to_vec();
    for _ in 0..SWEEPS {
        let off: f64 = (0..n)
            .flat_map(|p| (0..p).map(move |q| (p, q)))
            .map(|(p, q)| a[p][q] * a[p][q])
            .sum();
        if off < 1e-28 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, p, q);
            }
        }
    }
    let mut out: Vec<f64> = (0..n).map(|i| a[i][i]).collect();
    out.sort_by(|x, y| y.total_cmp(x));
    out
}

/// Turns two axes so that `a[p][q]` is 0.
fn rotate(a: &mut Matrix, p: usize, q: usize) {
    if a[p][q] == 0.0 {
        return;
    }
    let tau = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let t = if tau == 0.0 { 1.0 } else { t };
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    for k in 0..a.len() {
        let (x, y) = (a[k][p], a[k][q]);
        a[k][p] = c * x - s * y;
        a[k][q] = s * x + c * y;
    }
    for k in 0..a.len() {
        let (x, y) = (a[p][k], a[q][k]);
        a[p][k] = c * x - s * y;
        a[q][k] = s * x + c * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_matrix() {
        let a = vec![
            vec![4.0, 2.0, 0.6],
            vec![2.0, 5.0, 1.0],
            vec![0.6, 1.0, 3.0],
        ];
        let l = cholesky(&a).expect("positive definite");
        let x = solve(&l, &[1.0, -2.0, 0.5]);
        for (row, b) in a.iter().zip([1.0, -2.0, 0.5]) {
            let product: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((product - b).abs() < 1e-12);
        }
        let e = eigenvalues(&a);
        assert!((e.iter().sum::<f64>() - 12.0).abs() < 1e-12);
        let determinant: f64 = l
            .iter()
            .enumerate()
            .map(|(i, row)| row[i] * row[i])
            .product();
        assert!((e.iter().product::<f64>() - determinant).abs() < 1e-9);
        assert!(cholesky(&[vec![1.0, 2.0], vec![2.0, 1.0]]).is_none());
        let two = eigenvalues(&[vec![2.0, 1.0], vec![1.0, 2.0]]);
        assert!((two[0] - 3.0).abs() < 1e-12 && (two[1] - 1.0).abs() < 1e-12);
    }
}
