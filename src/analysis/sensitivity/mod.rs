//! Sensitivity analysis: which inputs move which outputs, and how certain that is.
//!
//! An input is a uniform number in [0, 1]; whoever plays the model turns it into the value of a prior by the prior's
//! quantile function, or into one of k forms of a switch by ⌊u·k⌋. An output is any number of a
//! round: 1 or 0 for an outcome or a flag, or a quantity.
//!
//! Tables are by row: `inputs[row][input]`, `outputs[row][output]`. Results are by input, then by
//! output: `indices[input][output]`. Names are those of `SALib` (Herman & Usher 2017; Iwanaga,
//! Usher & Herman 2022): `S1` is `s1`, `S1_conf` is `s1_conf`, and so on. A `…_conf` is the half
//! width of a 95 % interval: 1.96 standard deviations of the replicates of a bootstrap.
//!
//! An output that never varies has no indices: they are NaN.
//!
//! | Module | Question | Rows of the model |
//! |---|---|---|
//! | [`variance`] | how much of the variance is due to an input, alone and with others | n·(d + 2) |
//! | [`morris`] | which of many inputs can be neglected | r·(d + 1) |
//! | [`given_data`] | the same and more, from rows that were played anyway | none |
//! | [`effects`] | in which direction, and in what shape | none |
//! | [`floor`] | what an input without any effect would seem to do | none |

mod bits;
pub mod bootstrap;
mod classes;
mod density;
pub mod effects;
pub mod floor;
pub mod given_data;
pub mod morris;
pub mod pawn;
pub mod sobol;
pub mod variance;
