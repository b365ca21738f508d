//! Tests of the second engine itself: functions, draws and laws against other sources.

use kzsim::scenario::fault::Place;
use kzsim::scenario::model::{Number, NumberKind, Remarks};
use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::draws::Uniform;
use super::priors::Table;
use super::{draws, functions, prior_quantile};

/// Evenly spaced numbers.
fn grid(from: f32, to: f32, count: u32) -> impl Iterator<Item = f32> {
    (0..=count).map(move |i| from + (to - from) * (i as f32 / count as f32))
}

fn relative(found: f32, expected: f64) -> f64 {
    (f64::from(found) / expected - 1.0).abs()
}

#[test]
fn exp_is_exp() {
    for x in grid(-86.9, 87.9, 400_000) {
        assert!(
            relative(functions::exp(x), f64::from(x).exp()) < 2e-7,
            "exp({x})"
        );
    }
    assert_eq!(functions::exp(0.0), 1.0);
    assert_eq!(functions::exp(-0.0), 1.0);
    assert_eq!(functions::exp(f32::NEG_INFINITY), functions::exp(-87.0));
    assert_eq!(functions::exp(f32::INFINITY), functions::exp(88.0));
    assert_eq!(functions::exp(f32::NAN), functions::exp(-87.0));
}

#[test]
fn weights_and_logarithms_of_forces_have_their_stated_errors() {
    for x in grid(-80.0, 80.0, 400_000) {
        let limit = if x.abs() <= 8.0 { 3.3e-6 } else { 7e-6 };
        assert!(
            relative(functions::weight(x), f64::from(x).exp()) < limit,
            "E({x})"
        );
        let y = libm::exp(0.8 * f64::from(x)) as f32;
        let exact = f64::from(y).ln();
        let error = (f64::from(functions::near_ln(y)) - exact).abs();
        assert!(error < 2e-6 * exact.abs().max(1.0), "L({y})");
    }
    assert_eq!(
        (functions::weight(0.0), functions::near_ln(1.0)),
        (1.0, 0.0)
    );
}

#[test]
fn ln_is_ln() {
    for x in grid(-87.0, 87.0, 400_000) {
        let x = libm::exp(f64::from(x)) as f32;
        let expected = f64::from(x).ln();
        let error = (f64::from(functions::ln(x)) - expected).abs();
        assert!(error <= 1.2e-7 * expected.abs().max(0.02), "ln({x})");
    }
    assert_eq!(functions::ln(1.0).to_bits(), 0);
    assert_eq!(functions::ln(0.0), functions::ln(f32::MIN_POSITIVE));
    assert_eq!(functions::ln(-3.0), functions::ln(f32::MIN_POSITIVE));
    assert_eq!(functions::ln(f32::NAN), functions::ln(f32::MIN_POSITIVE));
    assert!((functions::ln(f32::INFINITY) - 88.722_84).abs() < 1e-4);
}

#[test]
fn logistic_is_logistic() {
    for x in grid(-80.0, 80.0, 100_000) {
        let expected = 1.0 / (1.0 + (-f64::from(x)).exp());
        assert!(
            relative(functions::logistic(x), expected) < 4e-7,
            "logistic({x})"
        );
    }
    assert_eq!(functions::logistic(0.0), 0.5);
}

#[test]
fn normal_cdf_is_within_its_stated_error() {
    for x in grid(-12.0, 12.0, 200_000) {
        let expected = 0.5 * libm::erfc(-f64::from(x) / std::f64::consts::SQRT_2);
        assert!(
            (f64::from(functions::normal_cdf(x)) - expected).abs() < 3e-7,
            "Φ({x})"
        );
    }
}

#[test]
fn normal_quantile_is_the_inverse_of_the_normal() {
    let normal = Normal::standard();
    for i in 0..(1 << 16) {
        let u = Uniform::new((i << 16) | (i >> 3), 0);
        let found = u.normal();
        let expected = normal.inverse_cdf(f64::from(u.p)).abs();
        let error = (f64::from(found.abs()) - expected).abs();
        assert!(
            error < 1e-6 * expected,
            "z({u:?}) = {found}, not {expected}"
        );
        assert_eq!(found > 0.0, u.above);
        let mirrored = Uniform {
            above: !u.above,
            ..u
        };
        assert_eq!(mirrored.normal(), -found, "symmetry at {u:?}");
    }
}

#[test]
fn powers_follow_their_rules() {
    assert_eq!(functions::whole_power(1.1, 3), Some(1.1_f32 * 1.1 * 1.1));
    assert_eq!(functions::whole_power(-2.0, 3), Some(-8.0));
    assert_eq!(functions::whole_power(0.0, 0), Some(1.0));
    assert_eq!(functions::whole_power(4.0, -1), Some(0.25));
    assert_eq!(functions::whole_power(1e10, -4), Some(0.0));
    assert_eq!(functions::whole_power(0.0, -2), None);
    assert_eq!(functions::whole_power(1e10, 4), None);
    assert_eq!(functions::power(0.0, 0.0), Some(1.0));
    assert_eq!(functions::power(0.0, 2.5), Some(0.0));
    assert_eq!(functions::power(0.0, -2.5), None);
    assert_eq!(functions::power(-1.0, 2.5), None);
    let root = functions::power(2.0, 2.5).expect("a number");
    assert!(relative(root, 2.0_f64.powf(2.5)) < 1e-6);
}

#[test]
fn softmax_leaves_out_what_is_absent() {
    let softmax = |scores: &[(f32, bool)]| functions::softmax(scores);
    assert_eq!(softmax(&[(3.0, false), (-5.0, false)]), [0.0, 0.0]);
    assert_eq!(
        softmax(&[(3.0, true), (9.0, false), (3.0, true)]),
        [0.5, 0.0, 0.5]
    );
    assert_eq!(
        softmax(&[(3.0, true), (3.0, true), (9.0, false)]),
        [0.5, 0.5, 0.0]
    );
    assert_eq!(
        softmax(&[(-1e32, true), (-2e32, true)]),
        [1.0, functions::exp(-87.0)]
    );
    // Measured from the last, both would be beyond every number.
    assert!(softmax(&[(900.0, true), (901.0, true), (0.0, true)])[2] < 1e-37);
    assert!(softmax(&[(900.0, true), (901.0, true), (0.0, true)])[0] < 0.27);
}

/// SHA-256 and `ChaCha8` by hand, so that a change in a package cannot pass unseen.
mod by_hand {
    pub(super) fn sha256_of_one_block(text: &[u8]) -> [u8; 32] {
        assert!(text.len() < 56, "one block");
        let mut block = [0_u8; 64];
        block[..text.len()].copy_from_slice(text);
        block[text.len()] = 0x80;
        block[56..].copy_from_slice(&(text.len() as u64 * 8).to_be_bytes());
        let (constants, first) = constants();
        let mut w = [0_u32; 64];
        for (w, bytes) in w.iter_mut().zip(block.chunks(4)) {
            *w = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        for i in 16..64 {
            let (x, y) = (w[i - 15], w[i - 2]);
            let x = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let y = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            w[i] = w[i - 16]
                .wrapping_add(x)
                .wrapping_add(w[i - 7])
                .wrapping_add(y);
        }
        let mut s = first;
        for i in 0..64 {
            let choice = (s[4] & s[5]) ^ (!s[4] & s[6]);
            let majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
            let high = s[4].rotate_right(6) ^ s[4].rotate_right(11) ^ s[4].rotate_right(25);
            let low = s[0].rotate_right(2) ^ s[0].rotate_right(13) ^ s[0].rotate_right(22);
            let added = [high, choice, constants[i], w[i]];
            let one = added.into_iter().fold(s[7], u32::wrapping_add);
            s.rotate_right(1);
            s[0] = one.wrapping_add(low).wrapping_add(majority);
            s[4] = s[4].wrapping_add(one);
        }
        let mut out = [0; 32];
        for (i, word) in s.into_iter().enumerate() {
            let word = word.wrapping_add(first[i]);
            out[4 * i..4 * i + 4].copy_from_slice(&word.to_be_bytes());
        }
        out
    }

    /// The first 32 bits of the fractions of the roots of primes: cube roots, and square roots.
    fn constants() -> ([u32; 64], [u32; 8]) {
        let mut primes = (2_u32..).filter(|n| (2..*n).all(|d| n % d != 0));
        let primes: [u32; 64] = std::array::from_fn(|_| primes.next().unwrap_or(0));
        let fraction = |x: f64| (x.fract() * 4_294_967_296.0) as u32;
        let cubes = primes.map(|p| fraction(libm::cbrt(f64::from(p))));
        (
            cubes,
            std::array::from_fn(|i| fraction(f64::from(primes[i]).sqrt())),
        )
    }

    fn quarter(x: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
        for (a, b, d, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
            x[a] = x[a].wrapping_add(x[b]);
            x[d] = (x[d] ^ x[a]).rotate_left(turn);
        }
    }

    pub(super) fn chacha8_word(key: [u8; 32], stream: u64, index: u64) -> u32 {
        let mut start = [0_u32; 16];
        start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        for (word, bytes) in start[4..12].iter_mut().zip(key.chunks(4)) {
            *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let block = index / 16;
        start[12..].copy_from_slice(&[
            block as u32,
            (block >> 32) as u32,
            stream as u32,
            (stream >> 32) as u32,
        ]);
        let mut x = start;
        for _ in 0..4 {
            for i in 0..4 {
                quarter(&mut x, [i, 4 + i, 8 + i, 12 + i]);
            }
            for i in 0..4 {
                quarter(
                    &mut x,
                    [i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4],
                );
            }
        }
        let at = (index % 16) as usize;
        x[at].wrapping_add(start[at])
    }
}

#[test]
fn draws_are_chacha8_under_a_sha256_key() {
    for (seed, site) in [
        (0_u64, "choose/police"),
        (2022, "act/a/success"),
        (u64::MAX, ""),
    ] {
        let mut text = b"kzsim draw 2\0".to_vec();
        text.extend(seed.to_le_bytes());
        text.extend(site.as_bytes());
        let key = by_hand::sha256_of_one_block(&text);
        assert_eq!(draws::key(seed, site), key);
        for round in [0, 1, 81_234, u64::MAX] {
            for index in [0, 1, 15, 16, 17, 63, 64, 100_000, (1 << 36) + 5] {
                // Sixteen rounds share a block of what happens seldom.
                let (stream, position) = if site.starts_with("act/") {
                    (round / 16, 16 * index + round % 16)
                } else {
                    (round, index)
                };
                assert_eq!(
                    super::draw(seed, site, round, index),
                    by_hand::chacha8_word(key, stream, position),
                    "{seed} {site} {round} {index}"
                );
            }
        }
    }
}

#[test]
fn uniforms_are_inside_and_symmetric() {
    assert_eq!(Uniform::new(0, 0).u(), 2.0_f32.powi(-65));
    assert_eq!(Uniform::new(u32::MAX, 0).u(), 1.0 - 2.0_f32.powi(-24));
    for word in (0..u32::MAX).step_by(65_537) {
        let (u, mirrored) = (Uniform::new(word, 7), Uniform::new(!word, 7));
        assert_eq!((u.p, u.above), (mirrored.p, !mirrored.above));
    }
}

fn number(kind: NumberKind, least: f64, most: f64) -> Number {
    Number {
        kind,
        path: "parameters.x".to_owned(),
        least,
        most,
        duration: false,
        remarks: Remarks::default(),
        place: Place::default(),
    }
}

#[test]
fn pert_has_its_quantiles_and_moments() {
    let pert = number(
        NumberKind::Pert {
            low: 0.0,
            mode: 2.0,
            high: 10.0,
        },
        -1e30,
        1e30,
    );
    for (u, expected) in [(0.05, 0.58977), (0.5, 2.76672), (0.95, 6.21277)] {
        assert!(
            (prior_quantile(&pert, Uniform::at(u)) - expected).abs() < 1e-5,
            "quantile {u}"
        );
    }
    let law = Table::pert(0.0, 2.0, 10.0);
    let n = 1 << 18;
    let values: Vec<f64> = (0..n)
        .map(|i| (f64::from(i) + 0.5) / f64::from(n))
        .map(|u| f64::from(law.at(Uniform::at(u))))
        .collect();
    // Beta(1.8, 4.2) stretched to a width of 10.
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
    assert!((mean - 3.0).abs() < 1e-5, "mean {mean}");
    assert!((variance - 3.0).abs() < 1e-4, "variance {variance}");
}

#[test]
fn pert_laws_invert_the_beta_law() {
    for (low, mode, high) in [
        (0.0, 0.0, 1.0),
        (0.0, 1.0, 1.0),
        (0.2, 0.3, 0.9),
        (-3.0, 1.0, 2.0),
    ] {
        let width = high - low;
        let (alpha, beta) = (
            1.0 + 4.0 * (mode - low) / width,
            1.0 + 4.0 * (high - mode) / width,
        );
        let law = Beta::new(alpha, beta).expect("a law");
        let table = Table::pert(low, mode, high);
        let mut before = low as f32;
        for word in (0..u32::MAX).step_by(0x1_0001 << 4) {
            let at = Uniform::new(word, 0);
            let value = table.at(at);
            assert!(value >= before, "{value} at {at:?} after {before}");
            before = value;
            let u = if at.above {
                1.0 - f64::from(at.p)
            } else {
                f64::from(at.p)
            };
            let share = ((f64::from(value) - low) / width).clamp(0.0, 1.0);
            assert!(
                (law.cdf(share) - u).abs() < 2e-6,
                "{u} of {low} {mode} {high}"
            );
        }
    }
}

#[test]
fn pert_quantiles_are_exact_where_they_have_a_formula() {
    // The law with `mode = low` is `1 − (1 − u)^(1/5)`, and with `mode = high` its mirror image.
    let exact = |p: f64| -libm::expm1(libm::log1p(-p) / 5.0);
    let (first, second) = (Table::pert(0.0, 0.0, 1.0), Table::pert(0.0, 1.0, 1.0));
    for octave in 2..65 {
        for eighth in 0..8_u8 {
            // Edges of cells, from either end.
            let p = (1.0 + f32::from(eighth) / 8.0) * 0.5_f32.powi(octave);
            let exact = exact(f64::from(p));
            for above in [false, true] {
                let at = Uniform { above, p };
                let (table, expected) = if above {
                    (&second, (1.0 - exact) as f32)
                } else {
                    (&first, exact as f32)
                };
                assert_eq!(table.at(at), expected, "quantile {at:?}");
            }
        }
    }
}

#[test]
fn uniform_and_normal_laws_keep_to_their_range() {
    let uniform = number(
        NumberKind::Uniform {
            min: -1.0,
            max: 3.0,
        },
        -1e30,
        1e30,
    );
    assert_eq!(prior_quantile(&uniform, Uniform::at(0.25)), 0.0);
    let free = number(NumberKind::Normal { mean: 2.0, sd: 3.0 }, -1e30, 1e30);
    assert_eq!(prior_quantile(&free, Uniform::at(0.5)), 2.0);
    let share = number(NumberKind::Normal { mean: 0.9, sd: 0.2 }, 0.0, 1.0);
    let normal = Normal::new(0.9, 0.2).expect("a law");
    for u in grid(0.001, 0.999, 500) {
        let (below, above) = (normal.cdf(0.0), normal.cdf(1.0));
        let expected = normal.inverse_cdf(below + f64::from(u) * (above - below));
        let found = prior_quantile(&share, Uniform::at(f64::from(u)));
        assert!((0.0..=1.0).contains(&found));
        assert!(
            (f64::from(found) - expected).abs() < 1e-5,
            "{u}: {found}, not {expected}"
        );
    }
    let certain = number(NumberKind::Normal { mean: 1.5, sd: 0.0 }, 0.0, 1.0);
    assert_eq!(prior_quantile(&certain, Uniform::at(0.3)), 1.0);
}
