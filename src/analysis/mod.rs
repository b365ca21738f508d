//! Statistics of counts over rounds: intervals, differences, weights of evidence, sensitivity,
//! survival, scenario discovery, scores of forecasts and fits of coefficients.
//!
//! Numbers in, numbers out: nothing here plays a round or touches a file. Intervals are at 95 %.

pub mod arrivals;
pub mod conditional;
pub mod coverage;
pub mod design;
pub mod discovery;
pub mod fit;
pub mod information;
pub mod interval;
pub mod jackknife;
pub mod paired;
pub mod ranges;
pub mod recovery;
pub mod roads;
pub mod score;
pub mod sensitivity;
pub mod share;
pub mod signposts;
pub mod spread;
mod stream;
pub mod survival;
pub mod tails;
pub mod weighing;
