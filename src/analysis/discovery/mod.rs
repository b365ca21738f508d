//! Scenario discovery: conditions on the inputs under which an output occurs far more often than on
//! average (Bryant & Lempert 2010). The conditions are boxes, found by PRIM, the patient
//! rule induction method of Friedman & Fisher (1999).
//!
//! A [`Table`] holds inputs, by input, then row, and whether the output occurred in each row.
//!
//! 1. [`peel`]: from all rows, cut off a thin slice of one input, low or high, again and again,
//!    each time the slice whose loss raises the density most per row lost (the
//!    lenient criterion of Kwakkel & Jaxa-Rozen 2016; among slices of one size it is that of
//!    Friedman & Fisher). This gives a trajectory of ever smaller boxes.
//! 2. [`choose`]: take the box of best [`quality`], (rows in it)^b · (density − density of all):
//!    b = ½ weighs size and density as a test of significance does (Klösgen 1996), less prefers
//!    denser boxes, more prefers larger ones. Then drop what is not needed, and put each limit
//!    where quality is best given the others, in turn, until none moves: this corrects
//!    where peeling cut too much, as the pasting of Friedman & Fisher does, and where it cut too
//!    little.
//! 3. [`cover`]: set the rows of that box aside and look for another, as long as there is one.
//!
//! The density of a box in the rows it was found in is too high. Every reported share comes from
//! other rows, which the search has not seen.

pub mod choose;
pub mod cover;
pub mod peel;
pub mod table;

pub use choose::quality;
pub use table::{Limit, Region, Side, Table};

/// How boxes are searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Part of the rows in a box that a slice takes at most, in (0, 1).
    pub alpha: f64,
    /// Smallest box, as a part of all rows.
    pub mass: f64,
    /// The exponent b of [`quality`], from 0 to 1.
    pub breadth: f64,
    /// Most inputs that a box restricts.
    pub inputs: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            mass: 0.05,
            breadth: 0.5,
            inputs: 4,
        }
    }
}
