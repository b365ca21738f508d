//! What is counted over rounds.

/// Counts over rounds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rounds.
    pub rounds: u64,
    /// By outcome, then number of steps after which it was noted.
    pub outcomes: Vec<Vec<u64>>,
    /// By action, then step of its first taking effect.
    pub actions: Vec<Vec<u64>>,
    /// By flag.
    pub flags: Vec<u64>,
}

impl Counts {
    /// Returns counts of no rounds.
    pub fn new(outcomes: usize, actions: usize, flags: usize, steps: usize) -> Self {
        Self {
            rounds: 0,
            outcomes: vec![vec![0; steps + 1]; outcomes],
            actions: vec![vec![0; steps + 1]; actions],
            flags: vec![0; flags],
        }
    }

    /// Adds the counts of other rounds.
    pub fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        let rows = self.outcomes.iter_mut().chain(&mut self.actions);
        let rows = rows.chain([&mut self.flags]);
        let others = other.outcomes.iter().chain(&other.actions);
        for (row, other) in rows.zip(others.chain([&other.flags])) {
            for (a, b) in row.iter_mut().zip(other) {
                *a += b;
            }
        }
    }

    /// Returns how many rounds say yes: to each outcome, each action, each flag.
    pub fn totals(&self) -> Vec<u64> {
        let sum = |row: &Vec<u64>| row.iter().sum();
        let rows = self.outcomes.iter().chain(&self.actions);
        rows.map(sum).chain(self.flags.iter().copied()).collect()
    }
}
