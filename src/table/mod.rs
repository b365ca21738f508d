//! Tables: each is declared once, with its file, its columns and what they mean.

pub mod arrivals;
pub mod cases;
pub mod cell;
pub mod comparison;
pub mod discovery;
pub mod fit;
pub mod given;
pub mod histories;
pub mod pool;
pub mod prequential;
pub mod ranges;
pub mod rounds;
pub mod row;
pub mod run;
pub mod score;
pub mod sensitivity;
pub mod signposts;
pub mod survival;
pub mod sweep;
pub mod variance;
pub mod weighing;

pub use row::{ReadError, Row, Table, read};
