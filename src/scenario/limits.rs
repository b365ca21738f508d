//! The largest counts that a scenario may hold.

/// Bytes of one file.
pub const FILE: u64 = 4 << 20;
/// Characters of a text of one line.
pub const LINE: usize = 1_000;
/// Files in a chain of `extends`.
pub const CHAIN: usize = 16;
/// Contenders.
pub const CONTENDERS: usize = 32;
/// Arenas.
pub const ARENAS: usize = 16;
/// Actors.
pub const ACTORS: usize = 1_000;
/// Offices, crowds, outcomes, flags: each.
pub const FEW: usize = 256;
/// Actions.
pub const ACTIONS: usize = 1_000;
/// How many times closer the median of a law by quantiles may lie to one of the others, on the scale of its range: the
/// table of the law has no finer cells.
pub const ONE_SIDED: f64 = 100.0;
/// Actions that have a rally: which are up to date is one bit each.
pub const RALLIES: usize = 64;
/// Parameters, variables, formulas: each.
pub const MANY: usize = 2_000;
/// What one action draws for its effects.
pub const DRAWS: usize = 16;
/// Effects of one action, and again of its failure.
pub const EFFECTS: usize = 64;
/// Observations of an evidence file.
pub const OBSERVATIONS: usize = 60;
/// Happenings of one action in a round.
pub const HAPPENINGS: u32 = 1_000;
/// Steps of a round.
pub const STEPS: u64 = 100_000;
/// Rounds of a run.
pub const ROUNDS: u64 = 1_000_000_000_000;
/// Seeds, so that every notebook can hold them as numbers.
pub const SEED: u64 = 1 << 53;
/// Depth of formulas inside formulas.
pub const FORMULA_DEPTH: usize = 64;
/// Depth of an expression counted through the formulas that it reads: a thread's stack of 2 MiB holds
/// what compiles it.
pub const DEPTH: usize = 500;
/// Operations of all expressions, with formulas counted in each stage that reads them: the shipped case has
/// some thousands.
pub const OPERATIONS: usize = 1_000_000;
/// Numbers and operators that sets stand for, in all expressions.
pub const SPREAD: usize = 200_000;
/// How a text begins that some spreadsheet takes for a formula or a command.
pub const FORMULAS: [char; 9] = ['=', '+', '-', '@', '|', '＝', '＋', '－', '＠'];
/// The largest number in size.
pub const SIZE: f64 = 1e30;
/// Dates of a series: each is a level of the expression that it stands for.
pub const SERIES: usize = 60;
