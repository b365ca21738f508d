//! Rounds side by side: one number of each of `W` rounds.

/// One quantity in `W` rounds. Loops over all lanes are what the compiler vectorises.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(align(64))]
pub struct Lanes<const W: usize>(pub [f32; W]);

impl<const W: usize> Lanes<W> {
    /// The same number in every lane.
    #[must_use]
    #[inline(always)]
    pub const fn all(x: f32) -> Self {
        Self([x; W])
    }

    /// 1 where true, 0 where false.
    #[must_use]
    #[inline(always)]
    pub fn truth(test: &[bool; W]) -> Self {
        Self(std::array::from_fn(|i| f32::from(u8::from(test[i]))))
    }

    /// Whether any lane is not 0.
    #[must_use]
    #[inline(always)]
    pub fn any(&self) -> bool {
        let mut bits = 0;
        for x in &self.0 {
            bits |= u32::from(*x != 0.0);
        }
        bits != 0
    }
}

/// `out[i] = f(a[i])`.
#[inline(always)]
pub fn map<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, f: impl Fn(f32) -> f32) {
    for i in 0..W {
        out.0[i] = f(a.0[i]);
    }
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub fn zip<const W: usize>(
    out: &mut Lanes<W>,
    a: &Lanes<W>,
    b: &Lanes<W>,
    f: impl Fn(f32, f32) -> f32,
) {
    for i in 0..W {
        out.0[i] = f(a.0[i], b.0[i]);
    }
}

/// `out[i] = f(out[i], a[i])`.
#[inline(always)]
pub fn fold<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, f: impl Fn(f32, f32) -> f32) {
    for i in 0..W {
        out.0[i] = f(out.0[i], a.0[i]);
    }
}

/// `out[i] += a[i]·b[i]`, rounded after each operation.
#[inline(always)]
pub fn add_product<const W: usize>(out: &mut Lanes<W>, a: &Lanes<W>, b: &Lanes<W>) {
    for i in 0..W {
        out.0[i] += a.0[i] * b.0[i];
    }
}

/// Softmax in place over the options that are `present` (not 0); absent options become 0, and all
/// are 0 when none is present. `docs/MODEL.md` 7.9.
#[inline(always)]
pub fn softmax<const W: usize>(scores: &mut [Lanes<W>], present: &[Lanes<W>]) {
    let mut top = Lanes::<W>::all(-1e30);
    for (s, p) in scores.iter().zip(present) {
        for i in 0..W {
            let candidate = if p.0[i] > 0.0 { s.0[i] } else { -1e30 };
            top.0[i] = if candidate > top.0[i] {
                candidate
            } else {
                top.0[i]
            };
        }
    }
    let mut sum = Lanes::<W>::all(0.0);
    for (s, p) in scores.iter_mut().zip(present) {
        for i in 0..W {
            let e = super::math::exp(s.0[i] - top.0[i]);
            s.0[i] = if p.0[i] > 0.0 { e } else { 0.0 };
            sum.0[i] += s.0[i];
        }
    }
    for s in scores {
        for i in 0..W {
            let share = s.0[i] / sum.0[i];
            s.0[i] = if sum.0[i] > 0.0 { share } else { 0.0 };
        }
    }
}
