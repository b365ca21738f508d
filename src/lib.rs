//! kzsim works out what follows from written assumptions about a struggle for power.

pub mod scenario;
