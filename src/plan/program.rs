//! Flat programs: every operation works on all lanes of its slots.

use std::collections::BTreeMap;

use crate::math::Operation;

/// The index of a row of lanes.
pub type Slot = usize;

/// One instruction: `to = op(a, b)`. Operations on one operand have `b = a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instruction {
    /// What to compute.
    pub op: Operation,
    /// Where to.
    pub to: Slot,
    /// First operand.
    pub a: Slot,
    /// Second operand.
    pub b: Slot,
}

/// Facts that must be brought up to date before a program reads them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// `support`.
    pub support: bool,
    /// `backing`.
    pub backing: bool,
}

impl Needs {
    /// What either needs.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            support: self.support | other.support,
            backing: self.backing | other.backing,
        }
    }
}

/// Instructions in order, and what they read that must be brought up to date first.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// In order.
    pub instructions: Vec<Instruction>,
    /// Facts read.
    pub needs: Needs,
}

/// A slot whose final index is known once everything is compiled: state first, then constants,
/// then what persists between programs, then temporaries, which programs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Virtual {
    State(usize),
    Constant(usize),
    Persistent(usize),
    Temporary(usize),
}

/// The value of a node while it is compiled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// Known now.
    Constant(f32),
    /// In a slot; the flag says that it is the same all through a round.
    Slot(Virtual, bool),
}

/// An instruction before slots are final.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) op: Operation,
    pub(super) to: Virtual,
    pub(super) a: Virtual,
    pub(super) b: Virtual,
}

/// What was computed from two operands, and where the results are.
#[derive(Debug, Default)]
struct Memo(BTreeMap<(Virtual, Virtual), Vec<(Operation, Virtual)>>);

impl Memo {
    fn find(&self, op: Operation, a: Virtual, b: Virtual) -> Option<Virtual> {
        let known = self.0.get(&(a, b))?;
        known.iter().find(|(o, _)| *o == op).map(|(_, slot)| *slot)
    }
}

/// A program under construction.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) list: Vec<Draft>,
    pub(super) needs: Needs,
    memo: Memo,
    temporaries: usize,
}

impl Drafts {
    /// Appends an instruction, and remembers where its result is.
    fn push(&mut self, op: Operation, to: Virtual, a: Virtual, b: Virtual) {
        self.list.push(Draft { op, to, a, b });
        self.memo.0.entry((a, b)).or_default().push((op, to));
    }
}

/// How many slots each kind takes, known after a first pass of compiling.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    constants: usize,
    persistent: usize,
    temporaries: usize,
}

/// Constants, hoisted work and the program being written: the arithmetic half of the compiler.
#[derive(Debug)]
pub(super) struct Assembler {
    state: usize,
    sizes: Sizes,
    pub(super) constants: Vec<f32>,
    persistent: usize,
    /// What is computed once a round, after its priors are drawn.
    pub(super) round: Drafts,
    pub(super) current: Drafts,
    most_temporaries: usize,
}

impl Assembler {
    /// The slot of a value.
    pub(super) fn slot(&mut self, value: Value) -> Virtual {
        match value {
            Value::Slot(slot, _) => slot,
            Value::Constant(x) => {
                let i = self
                    .constants
                    .iter()
                    .position(|c| c.to_bits() == x.to_bits());
                Virtual::Constant(i.unwrap_or_else(|| {
                    self.constants.push(x);
                    self.constants.len() - 1
                }))
            }
        }
    }

    /// A new slot that persists between programs.
    pub(super) fn persistent(&mut self) -> Virtual {
        self.persistent += 1;
        Virtual::Persistent(self.persistent - 1)
    }

    /// Applies an operation: folds constants, hoists what is the same all through a round, and
    /// never computes the same thing twice in one program.
    pub(super) fn apply(&mut self, op: Operation, a: Value, b: Value) -> Value {
        if let (Value::Constant(x), Value::Constant(y)) = (a, b) {
            return Value::Constant(op.of(x, y));
        }
        let steady = |v: Value| !matches!(v, Value::Slot(_, false));
        let hoist = steady(a) && steady(b);
        let (a, b) = (self.slot(a), self.slot(b));
        if let Some(slot) = self.round.memo.find(op, a, b) {
            return Value::Slot(slot, true);
        }
        if hoist {
            let to = self.persistent();
            self.round.push(op, to, a, b);
            return Value::Slot(to, true);
        }
        if let Some(slot) = self.current.memo.find(op, a, b) {
            return Value::Slot(slot, false);
        }
        let to = Virtual::Temporary(self.current.temporaries);
        self.current.temporaries += 1;
        self.current.push(op, to, a, b);
        Value::Slot(to, false)
    }

    /// Finishes an expression: its sanitised result, in a slot that persists between programs.
    pub(super) fn finish(&mut self, value: Value, least: f32, most: f32) -> Value {
        let op = Operation::Result { least, most };
        match value {
            Value::Constant(_) | Value::Slot(_, true) => self.apply(op, value, value),
            Value::Slot(from, false) => {
                if let Some(slot) = self.current.memo.find(op, from, from) {
                    return Value::Slot(slot, false);
                }
                let to = self.persistent();
                self.current.push(op, to, from, from);
                Value::Slot(to, false)
            }
        }
    }

    /// An assembler for a state of that size; `sizes` are those of a first pass, or nothing.
    pub(super) fn new(state: usize, sizes: Sizes) -> Self {
        Self {
            state,
            sizes,
            constants: Vec::new(),
            persistent: 0,
            round: Drafts::default(),
            current: Drafts::default(),
            most_temporaries: 0,
        }
    }

    /// Takes the program written so far and begins another.
    pub(super) fn take(&mut self) -> Program {
        self.most_temporaries = self.most_temporaries.max(self.current.temporaries);
        let drafts = std::mem::take(&mut self.current);
        self.settled(&drafts)
    }

    /// The program that runs once a round.
    pub(super) fn take_round(&mut self) -> Program {
        let drafts = std::mem::take(&mut self.round);
        self.settled(&drafts)
    }

    fn settled(&self, drafts: &Drafts) -> Program {
        let at = |v| self.settle(v);
        let instructions = drafts
            .list
            .iter()
            .map(|d| Instruction {
                op: d.op,
                to: at(d.to),
                a: at(d.a),
                b: at(d.b),
            })
            .collect();
        Program {
            instructions,
            needs: drafts.needs,
        }
    }

    /// What this pass has taken.
    pub(super) fn sizes(&self) -> Sizes {
        Sizes {
            constants: self.constants.len(),
            persistent: self.persistent,
            temporaries: self.most_temporaries,
        }
    }

    /// How many slots there are in all.
    pub(super) fn total(&self) -> usize {
        self.state + self.sizes.constants + self.sizes.persistent + self.sizes.temporaries
    }

    /// The constants with their slots.
    pub(super) fn constant_slots(&self) -> Vec<(Slot, f32)> {
        self.constants
            .iter()
            .enumerate()
            .map(|(i, x)| (self.settle(Virtual::Constant(i)), *x))
            .collect()
    }

    /// The final slot of a value.
    pub(super) fn place(&mut self, value: Value) -> Slot {
        let slot = self.slot(value);
        self.settle(slot)
    }

    /// The final index of a slot.
    fn settle(&self, slot: Virtual) -> Slot {
        let constants = self.state;
        let persistent = constants + self.sizes.constants;
        match slot {
            Virtual::State(i) => i,
            Virtual::Constant(i) => constants + i,
            Virtual::Persistent(i) => persistent + i,
            Virtual::Temporary(i) => persistent + self.sizes.persistent + i,
        }
    }
}
