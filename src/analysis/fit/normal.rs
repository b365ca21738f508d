//! The standard normal law in binary64, from `libm`.

use std::f64::consts::{PI, SQRT_2};

use crate::math;

/// Steps of Halley's method: each triples the digits, and it starts from five.
const STEPS: usize = 2;

/// P(Z < `z`).
#[must_use]
pub fn below(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// The quantile at `u`, in (0, 1).
#[must_use]
pub fn quantile(u: f64) -> f64 {
    if u > 0.5 {
        return -quantile(1.0 - u);
    }
    let mut z = f64::from(math::normal_quantile(u.max(1e-30) as f32));
    for _ in 0..STEPS {
        let miss = (below(z) - u) * (2.0 * PI).sqrt() * libm::exp(0.5 * z * z);
        z -= miss / (1.0 + 0.5 * z * miss);
    }
    z
}

/// The logarithm of the density of a standard normal vector, without the constant.
#[must_use]
pub fn log_density(z: &[f64]) -> f64 {
    -0.5 * z.iter().map(|z| z * z).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_law() {
        let known = [
            (0.975, 1.959_963_984_540_054),
            (0.95, 1.644_853_626_951_472_7),
            (0.5, 0.0),
            (1e-9, -5.997_807_015_007_687),
        ];
        for (u, z) in known {
            assert!((quantile(u) - z).abs() < 1e-9, "{u}: {}", quantile(u));
        }
        for i in 1..1_000 {
            let u = f64::from(i) / 1_000.0;
            assert!((below(quantile(u)) - u).abs() < 1e-14);
        }
    }
}
