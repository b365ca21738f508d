//! Runs flat programs over lanes.

use super::isa::Isa;
use super::lanes::{LaneList, Lanes, zip};
use super::slots::Slots;
use crate::internal::internal_error;
use crate::math::operation::{Kernel, Operation};
use crate::plan::Upkeep;
use crate::plan::program::{Instruction, Program};
use crate::plan::upkeep::Changes;

/// Runs a program on the slots.
pub fn run<const W: usize>(isa: Isa, program: &Program, slots: &mut Slots<W>) {
    isa.run(
        #[inline(always)]
        || {
            let formulas = program.formulas.iter().map(|code| &code[..]);
            for code in formulas.chain([&program.instructions[..]]) {
                for instruction in code {
                    step(*instruction, slots);
                }
            }
        },
    );
}

/// Runs the instructions of a program that changes have made stale.
pub(super) fn run_stale<const W: usize>(
    isa: Isa,
    instructions: &[Instruction],
    upkeep: &Upkeep,
    changes: Changes,
    slots: &mut Slots<W>,
) {
    isa.run(
        #[inline(always)]
        || {
            for (instruction, stale) in instructions.iter().zip(upkeep.stale(0, changes)) {
                if stale {
                    step(*instruction, slots);
                } else if cfg!(debug_assertions) {
                    is_upkept(*instruction, slots);
                }
            }
        },
    );
}

/// Checks that an instruction that is not stale would give the same bits. What is undefined has no bits to speak
/// of: which of two undefined operands a product is made of depends on the loop.
fn is_upkept<const W: usize>(instruction: Instruction, slots: &mut Slots<W>) {
    let before = slots[instruction.to];
    step(instruction, slots);
    let mut pairs = before.0.iter().zip(&slots[instruction.to].0);
    assert!(
        pairs.all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())),
        "{instruction:?} is stale"
    );
}

/// Runs a program in some lanes alone: of few, one after the other.
pub(super) fn run_in<const W: usize>(
    isa: Isa,
    program: &Program,
    lanes: &LaneList<W>,
    slots: &mut Slots<W>,
) {
    if !lanes.are_few() {
        run(isa, program, slots);
        return;
    }
    let formulas = program.formulas.iter().map(|code| &code[..]);
    for code in formulas.chain([&program.instructions[..]]) {
        for instruction in code {
            with_rows(*instruction, slots, Some(lanes));
        }
    }
}

/// Runs one instruction on the slots.
#[inline(always)]
pub(super) fn step<const W: usize>(instruction: Instruction, slots: &mut Slots<W>) {
    with_rows(instruction, slots, None);
}

/// Runs one instruction in some lanes, or in all.
#[inline(always)]
fn with_rows<const W: usize>(
    instruction: Instruction,
    slots: &mut Slots<W>,
    lanes: Option<&LaneList<W>>,
) {
    let Instruction { op, to, a, b } = instruction;
    if let Operation::Result { .. } | Operation::CheckedResult { .. } | Operation::Undefined = op {
        // The only operations whose target may precede their operand.
        let Ok([to, a]) = slots.0.get_disjoint_mut([to.index(), a.index()]) else {
            internal_error("the result of an expression is no operand of it")
        };
        op.with(Rows { to, a, b: a, lanes });
        return;
    }
    // All other operations write above their operands, so the rows can be borrowed separately.
    let (below, above) = slots.0.split_at_mut(to.index());
    let (a, b) = (&below[a.index()], &below[b.index()]);
    let to = &mut above[0];
    op.with(Rows { to, a, b, lanes });
}

/// One row to write and two to read, in some lanes or in all.
struct Rows<'s, const W: usize> {
    to: &'s mut Lanes<W>,
    a: &'s Lanes<W>,
    b: &'s Lanes<W>,
    lanes: Option<&'s LaneList<W>>,
}

impl<const W: usize> Kernel for Rows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn apply(self, f: impl Fn(f32, f32) -> f32) {
        match self.lanes {
            None => zip(self.to, self.a, self.b, f),
            Some(lanes) => {
                for lane in lanes.iter() {
                    self.to.0[lane] = f(self.a.0[lane], self.b.0[lane]);
                }
            }
        }
    }
}
