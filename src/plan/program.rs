//! Flat programs, in which every instruction works on all lanes of its slots, and the assembler that
//! writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bounds::{Bounds, needs_check};
use crate::internal::internal_error;
use crate::math::Operation;

/// The position of a row of lanes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(usize);

impl Slot {
    /// The slot of the row at that position.
    #[must_use]
    pub const fn new(index: usize) -> Self {
        Self(index)
    }

    /// The position of its row.
    #[must_use]
    #[inline(always)]
    pub const fn index(self) -> usize {
        self.0
    }
}

/// One instruction: `to = op(a, b)`. Unary operations have `b = a`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Instruction {
    /// The operation.
    pub op: Operation,
    /// The slot of the result.
    pub to: Slot,
    /// First operand.
    pub a: Slot,
    /// Second operand.
    pub b: Slot,
}

/// Facts that must be up to date before a program reads them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// `support`.
    pub support: bool,
    /// `backing`.
    pub backing: bool,
    /// `rally`: of each action that has one, in listed order, a bit.
    pub rallies: u64,
}

impl Needs {
    /// Every fact.
    pub const ALL: Self = Self {
        support: true,
        backing: true,
        rallies: u64::MAX,
    };

    /// Returns whether other needs are among these.
    #[must_use]
    pub fn include(self, other: Self) -> bool {
        self.or(other) == self
    }

    /// Returns the union of two needs.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            support: self.support | other.support,
            backing: self.backing | other.backing,
            rallies: self.rallies | other.rallies,
        }
    }
}

/// An expression that can leave the finite numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// Where a program says, by 1, that it did: its value was undefined or infinite.
    pub undefined: Slot,
    /// Which it is: the index in [`Plan::fragile`](super::Plan::fragile).
    pub expression: usize,
}

/// Instructions, and the facts that must be up to date before they run.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// Formulas that it reads and that other programs read too, each compiled once: they run before
    /// the instructions, in order.
    pub formulas: Vec<Arc<[Instruction]>>,
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// Facts that they read.
    pub needs: Needs,
    /// Its expressions that can leave the finite numbers.
    pub notes: Vec<Note>,
}

/// A slot before its final position is known. The order is: state, constants, results that persist
/// between programs, and temporaries, which all programs share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Virtual {
    State(Slot),
    Constant(usize),
    Persistent(usize),
    Temporary(usize),
}

/// The value of a subexpression during compilation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Value {
    /// Known at compile time.
    Constant(f32),
    /// In a slot; the flag says whether it is constant throughout a round.
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

/// Results already computed, by their operands.
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
    notes: Vec<(Virtual, usize)>,
    memo: Memo,
    temporaries: usize,
    /// Whether its results are read by other programs, or it runs in the midst of them, so that none
    /// may take their slots.
    kept: bool,
    /// Shared formulas that it reads, in the order in which they have to run.
    formulas: Vec<Arc<[Instruction]>>,
    /// The same by number.
    read: Vec<usize>,
    has: BTreeSet<usize>,
}

/// A formula that is compiled once for all programs that read it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) value: Value,
    code: Arc<[Instruction]>,
    needs: Needs,
    /// Shared formulas that it reads, in the order in which they have to run.
    read: Vec<usize>,
}

impl Shared {
    /// The number of formulas that run before it, and itself.
    pub(super) fn size(&self) -> usize {
        self.read.len() + 1
    }
}

impl Drafts {
    /// Appends an instruction, and remembers where its result is.
    fn push(&mut self, op: Operation, to: Virtual, a: Virtual, b: Virtual) {
        self.list.push(Draft { op, to, a, b });
        self.memo.0.entry((a, b)).or_default().push((op, to));
    }
}

/// Number of slots of each kind, known after the first pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    constants: usize,
    persistent: usize,
    temporaries: usize,
}

/// Writes programs: folds constants, hoists work that is constant throughout a round, and reuses
/// common subexpressions.
#[derive(Debug)]
pub(super) struct Assembler {
    state: usize,
    sizes: Sizes,
    pub(super) constants: Vec<f32>,
    persistent: usize,
    /// Of every slot but constants that has been written or read.
    bounds: BTreeMap<Virtual, Bounds>,
    /// The program that runs once per round, after the priors are drawn.
    pub(super) round: Drafts,
    pub(super) current: Drafts,
    most_temporaries: usize,
}

impl Assembler {
    /// Returns the slot of a value.
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

    /// Returns a new slot that persists between programs.
    pub(super) fn persistent(&mut self) -> Virtual {
        self.persistent += 1;
        Virtual::Persistent(self.persistent - 1)
    }

    /// Applies an operation: folds constants, hoists what is constant throughout a round, and
    /// computes nothing twice within a program.
    pub(super) fn apply(&mut self, op: Operation, a: Value, b: Value) -> Value {
        if let (Value::Constant(x), Value::Constant(y)) = (a, b) {
            return Value::Constant(op.checked().of(x, y));
        }
        let operands = (self.bounds(a), self.bounds(b));
        let bounds = Bounds::of(op, operands.0, operands.1);
        let op = Self::form(op, operands.0, operands.1);
        let steady = |v: Value| !matches!(v, Value::Slot(_, false));
        let hoist = steady(a) && steady(b);
        let (a, b) = (self.slot(a), self.slot(b));
        if let Some(slot) = self.round.memo.find(op, a, b) {
            return Value::Slot(slot, true);
        }
        if hoist {
            let to = self.persistent();
            self.round.push(op, to, a, b);
            self.bounds.insert(to, bounds);
            return Value::Slot(to, true);
        }
        if let Some(slot) = self.current.memo.find(op, a, b) {
            return Value::Slot(slot, false);
        }
        let to = if self.current.kept {
            self.persistent()
        } else {
            self.current.temporaries += 1;
            Virtual::Temporary(self.current.temporaries - 1)
        };
        self.current.push(op, to, a, b);
        self.bounds.insert(to, bounds);
        Value::Slot(to, false)
    }

    /// Returns the cheapest form of an operation for operands within bounds.
    fn form(op: Operation, a: Bounds, b: Bounds) -> Operation {
        if needs_check(op, a, b) {
            op.checked()
        } else if a.are_truth() && b.are_truth() {
            op.of_truths()
        } else {
            op
        }
    }

    /// Returns `a` where `test` is true, else `b`: what is not chosen does not count, undefined or not.
    pub(super) fn choose(&mut self, test: Value, a: Value, b: Value) -> Value {
        if let Value::Constant(test) = test {
            return match test {
                x if x.is_nan() => Value::Constant(x),
                0.0 => b,
                _ => a,
            };
        }
        let undefined = self.bounds(test).can_be_undefined();
        let bounds = self.bounds(a).or(self.bounds(b));
        let (first, second) = (
            self.apply(Operation::Where, test, a),
            self.apply(Operation::Unless, test, b),
        );
        let chosen = self.apply(Operation::Either, first, second);
        // A part alone may be 0 where the whole cannot.
        if let (Value::Slot(slot, _), false) = (chosen, undefined) {
            self.bounds.insert(slot, bounds);
        }
        chosen
    }

    /// Returns what is known of a value.
    pub(super) fn bounds(&self, value: Value) -> Bounds {
        match value {
            Value::Constant(x) => Bounds::constant(x),
            Value::Slot(Virtual::Constant(i), _) => Bounds::constant(self.constants[i]),
            Value::Slot(slot, _) => *self
                .bounds
                .get(&slot)
                .unwrap_or_else(|| internal_error("a value is used that nothing has written")),
        }
    }

    /// States between which numbers a quantity of the state lies.
    pub(super) fn bound(&mut self, slot: Virtual, bounds: Bounds) {
        self.bounds.insert(slot, bounds);
    }

    /// Finishes an expression: returns its result, in a slot that persists between programs, and
    /// whether it left the finite numbers, if it can.
    pub(super) fn finish(&mut self, value: Value, least: f32, most: f32) -> (Value, Option<Value>) {
        let leaves = self.bounds(value).can_leave();
        let result = self.persist(Operation::Result { least, most }, value);
        let undefined = leaves.then(|| self.persist(Operation::Undefined, value));
        (result, undefined)
    }

    /// Returns whether the value of an expression, in a slot of its own, is its result as it is.
    pub(super) fn is_result(&self, value: Value, least: f32, most: f32) -> bool {
        let own = matches!(
            value,
            Value::Slot(Virtual::Temporary(_) | Virtual::Persistent(_), _)
        );
        own && self.bounds(value).are_within(least, most)
    }

    /// Applies an operation on one number, with its result in a slot that persists.
    fn persist(&mut self, op: Operation, value: Value) -> Value {
        let Value::Slot(from, false) = value else {
            return self.apply(op, value, value);
        };
        let known = self.bounds(value);
        let bounds = Bounds::of(op, known, known);
        let op = Self::form(op, known, known);
        if let Some(slot) = self.current.memo.find(op, from, from) {
            return Value::Slot(slot, false);
        }
        let to = self.persistent();
        self.current.push(op, to, from, from);
        self.bounds.insert(to, bounds);
        Value::Slot(to, false)
    }

    /// Notes for the current program that it reads an expression that can leave the finite numbers.
    pub(super) fn note(&mut self, undefined: Value, expression: usize) {
        let slot = self.slot(undefined);
        self.current.notes.push((slot, expression));
    }

    /// Notes the same for the program that runs once per round.
    pub(super) fn note_once(&mut self, undefined: Value, expression: usize) {
        let note = (self.slot(undefined), expression);
        if !self.round.notes.contains(&note) {
            self.round.notes.push(note);
        }
    }

    /// Takes the notes for the current program.
    pub(super) fn take_notes(&mut self) -> Vec<Note> {
        let notes = std::mem::take(&mut self.current.notes);
        self.settled_notes(&notes)
    }

    fn settled_notes(&self, notes: &[(Virtual, usize)]) -> Vec<Note> {
        let notes = notes.iter().map(|(slot, expression)| Note {
            undefined: self.settle(*slot),
            expression: *expression,
        });
        notes.collect()
    }

    /// Returns an assembler for a state of that many rows; `sizes` are those of the first pass, or
    /// zero in the first pass.
    pub(super) fn new(state: usize, sizes: Sizes) -> Self {
        Self {
            state,
            sizes,
            constants: Vec::new(),
            persistent: 0,
            bounds: BTreeMap::new(),
            round: Drafts::default(),
            current: Drafts::default(),
            most_temporaries: 0,
        }
    }

    /// Returns the program written so far and starts a new one.
    pub(super) fn take(&mut self) -> Program {
        self.most_temporaries = self.most_temporaries.max(self.current.temporaries);
        let drafts = std::mem::take(&mut self.current);
        self.settled(&drafts)
    }

    /// Lets the program that is being written run in the midst of others: none shares its slots.
    pub(super) fn keep(&mut self) {
        self.current.kept = true;
    }

    /// Begins a shared formula; returns the program in which it is read first.
    pub(super) fn begin_shared(&mut self) -> Drafts {
        let shared = Drafts {
            kept: true,
            ..Drafts::default()
        };
        std::mem::replace(&mut self.current, shared)
    }

    /// Ends a shared formula and goes on with the program in which it is read first.
    pub(super) fn end_shared(&mut self, value: Value, outer: Drafts) -> Shared {
        let drafts = std::mem::replace(&mut self.current, outer);
        let program = self.settled(&drafts);
        Shared {
            value,
            code: program.instructions.into(),
            needs: program.needs,
            read: drafts.read,
        }
    }

    /// Notes that the current program reads a shared formula, one of `all`, and returns it.
    pub(super) fn read_shared<'a>(
        &mut self,
        which: usize,
        all: &'a [Option<Shared>],
    ) -> &'a Shared {
        let Some(Some(shared)) = all.get(which) else {
            internal_error("a formula is read before it is compiled");
        };
        let current = &mut self.current;
        current.needs = current.needs.or(shared.needs);
        if current.has.contains(&which) {
            return shared;
        }
        for i in shared.read.iter().copied().chain([which]) {
            if current.has.insert(i) {
                current.read.push(i);
                let code = all[i].as_ref().map(|s| &s.code);
                current
                    .formulas
                    .extend(code.filter(|c| !c.is_empty()).cloned());
            }
        }
        shared
    }

    /// Returns the program that runs once per round.
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
            formulas: drafts.formulas.clone(),
            instructions,
            needs: drafts.needs,
            notes: self.settled_notes(&drafts.notes),
        }
    }

    /// Returns the number of slots that this pass has used.
    pub(super) fn sizes(&self) -> Sizes {
        Sizes {
            constants: self.constants.len(),
            persistent: self.persistent,
            temporaries: self.most_temporaries,
        }
    }

    /// Returns the total number of slots.
    pub(super) fn total(&self) -> usize {
        self.state + self.sizes.constants + self.sizes.persistent + self.sizes.temporaries
    }

    /// Returns all constants with their slots.
    pub(super) fn constant_slots(&self) -> Vec<(Slot, f32)> {
        self.constants
            .iter()
            .enumerate()
            .map(|(i, x)| (self.settle(Virtual::Constant(i)), *x))
            .collect()
    }

    /// Returns the final slot of a value.
    pub(super) fn place(&mut self, value: Value) -> Slot {
        let slot = self.slot(value);
        self.settle(slot)
    }

    /// Returns the final position of a slot.
    fn settle(&self, slot: Virtual) -> Slot {
        let constants = self.state;
        let persistent = constants + self.sizes.constants;
        match slot {
            Virtual::State(slot) => slot,
            Virtual::Constant(i) => Slot(constants + i),
            Virtual::Persistent(i) => Slot(persistent + i),
            Virtual::Temporary(i) => Slot(persistent + self.sizes.persistent + i),
        }
    }
}
