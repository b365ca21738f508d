//! Colours: the same for the same contender and outcome in every picture, in light and in dark.
//!
//! The hues start from those of Okabe & Ito and of Paul Tol. They were then moved until each stands out
//! from both backgrounds and any two of a set stay apart for every kind of colour blindness (tests below).
//! Colour never stands alone: areas have patterns, and everything has a label.

use std::fmt::Write;

/// A colour in light and in dark.
struct Role {
    name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn role(name: &'static str, light: &'static str, dark: &'static str) -> Role {
    Role { name, light, dark }
}

/// A colour that is the same in both, so that two pictures of one result look like one.
const fn same(name: &'static str, colour: &'static str) -> Role {
    role(name, colour, colour)
}

/// How many colours a set has; further ones begin again, with other patterns.
pub(super) const SET: usize = 8;

/// Colours of contenders.
const CONTENDERS: [Role; SET] = [
    same("c0", "#5451dd"),
    same("c1", "#de7004"),
    same("c2", "#ca807f"),
    same("c3", "#cb42af"),
    same("c4", "#0c743e"),
    same("c5", "#ad8f4c"),
    same("c6", "#9b4878"),
    same("c7", "#608bfd"),
];

/// Colours of outcomes.
const OUTCOMES: [Role; SET] = [
    same("o0", "#fa5986"),
    same("o1", "#7449d3"),
    same("o2", "#6c6901"),
    same("o3", "#1c8363"),
    same("o4", "#8189f6"),
    same("o5", "#c8851f"),
    same("o6", "#6ea04f"),
    same("o7", "#be50ab"),
];

/// Colours of everything else.
const OTHERS: [Role; 10] = [
    role("paper", "#ffffff", "#14171c"),
    role("page", "#f4f5f7", "#0c0e11"),
    role("ink", "#1b1f24", "#e8eaed"),
    role("soft", "#535b66", "#a9b1bc"),
    role("grid", "#dde1e6", "#2f353e"),
    role("axis", "#7b8490", "#7b8490"),
    role("aside", "#767d87", "#8d95a0"),
    role("mark", "#0b5ca8", "#74b6f2"),
    role("low", "#9a4a00", "#f0a35e"),
    role("high", "#0b5ca8", "#74b6f2"),
];

fn roles() -> impl Iterator<Item = &'static Role> {
    CONTENDERS.iter().chain(&OUTCOMES).chain(&OTHERS)
}

/// Where a style sheet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The page: colours are custom properties.
    Page,
    /// A picture by itself, in light and in dark.
    Alone,
    /// A picture that becomes pixels: light alone.
    Pixels,
}

/// Custom properties of the page, in one of the two themes.
pub(super) fn properties(dark: bool) -> String {
    roles().fold(String::new(), |mut out, r| {
        let colour = if dark { r.dark } else { r.light };
        let _ = write!(out, "--{}:{colour};", r.name);
        out
    })
}

/// Rules of pictures; `colour` says how a role is written.
fn rules(colour: impl Fn(&Role) -> String) -> String {
    let mut out = String::new();
    for r in roles() {
        let c = colour(r);
        let _ = write!(out, ".f-{0}{{fill:{c}}}.s-{0}{{stroke:{c}}}", r.name);
    }
    out
}

/// Rules of pictures that are the same in every theme.
const SHAPES: &str = "\
    .k text{font-family:system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;\
    font-size:13px}.k .head{font-size:17px;font-weight:600}\
    .k .small{font-size:11.5px}.k .bold{font-weight:600}\
    .k .end{text-anchor:end}.k .mid{text-anchor:middle}\
    .k .line{fill:none;stroke-width:2}.k .thin{fill:none;stroke-width:1}\
    .k .thick{fill:none;stroke-width:3}.k .dash{stroke-dasharray:4 3}\
    .k .pale{fill-opacity:.18}.k .faint{stroke-opacity:.4}.k .half{fill-opacity:.4}.k .edge{stroke-width:1.5}\
    .k .hatch{display:none}";

/// Patterns are for paper, which may be black and white.
const ON_PAPER: &str = "@media print{.k .hatch{display:inline}}";

/// The style sheet of pictures.
pub(super) fn style(target: Target) -> String {
    match target {
        Target::Page => format!(
            "{SHAPES}{ON_PAPER}{}",
            rules(|r| format!("var(--{})", r.name))
        ),
        Target::Pixels => {
            let font = SHAPES.replace("system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,", "");
            format!("{font}{}", rules(|r| r.light.to_owned()))
        }
        Target::Alone => format!(
            "{SHAPES}{ON_PAPER}{}@media (prefers-color-scheme:dark){{{}}}",
            rules(|r| r.light.to_owned()),
            rules(|r| r.dark.to_owned())
        ),
    }
}

/// The role of a contender, or of standing aside.
pub(super) fn contender(index: Option<usize>) -> &'static str {
    index.map_or("aside", |i| CONTENDERS[i % SET].name)
}

/// The role of an outcome.
pub(super) fn outcome(index: usize) -> &'static str {
    OUTCOMES[index % SET].name
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = [f64; 3];

    fn linear(hex: &str) -> Rgb {
        [1, 3, 5].map(|i| {
            let c = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).expect("a colour")) / 255.0;
            if c <= 0.040_45 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        })
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let y = |hex: &str| {
            let [r, g, b] = linear(hex);
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        (y(a) / y(b)).max(y(b) / y(a))
    }

    /// CIELAB of a linear colour.
    fn lab([r, g, b]: Rgb) -> Rgb {
        let f = |t: f64| {
            if t > 0.008_856 {
                t.cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// Full sight, and what is left of it without one kind of cone (Machado, Oliveira & Fernandes
    /// 2009, severity 1).
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ];

    fn seen(hex: &str, sight: &[[f64; 3]; 3]) -> Rgb {
        let c = linear(hex);
        lab(sight.map(|row| {
            row.iter()
                .zip(c)
                .map(|(m, x)| m * x)
                .sum::<f64>()
                .clamp(0.0, 1.0)
        }))
    }

    #[test]
    fn colours_stay_apart_for_every_eye() {
        for set in [&CONTENDERS, &OUTCOMES] {
            for (dark, sight) in [false, true].iter().flat_map(|d| SIGHTS.map(|s| (*d, s))) {
                let of = |r: &Role| seen(if dark { r.dark } else { r.light }, &sight);
                for (i, a) in set.iter().enumerate() {
                    for b in &set[..i] {
                        let (x, y) = (of(a), of(b));
                        let apart = x.iter().zip(y).map(|(p, q)| (p - q).powi(2)).sum::<f64>();
                        assert!(apart.sqrt() > 18.0, "{} {} {dark}", a.name, b.name);
                    }
                }
            }
        }
    }

    #[test]
    fn marks_and_texts_stand_out_from_the_paper() {
        let find = |name: &str| roles().find(|r| r.name == name).expect("a role");
        for (pick, theme) in [(0, "light"), (1, "dark")] {
            let of = |r: &Role| if pick == 0 { r.light } else { r.dark };
            for r in CONTENDERS.iter().chain(&OUTCOMES) {
                assert!(
                    contrast(of(r), of(find("paper"))) >= 3.0,
                    "{} {theme}",
                    r.name
                );
            }
            for paper in ["paper", "page"] {
                for text in ["ink", "soft", "mark", "low", "high"] {
                    let c = contrast(of(find(text)), of(find(paper)));
                    assert!(c >= 4.5, "{text} on {paper}, {theme}: {c}");
                }
            }
            assert!(contrast(of(find("axis")), of(find("paper"))) >= 3.0);
            assert!(contrast(of(find("aside")), of(find("paper"))) >= 3.0);
        }
    }
}
