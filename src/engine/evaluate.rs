//! Runs flat programs over lanes.

use super::isa::Isa;
use super::lanes::{Lanes, zip};
use super::slots::Slots;
use crate::math::operation::{Kernel, Operation};
use crate::plan::program::{Instruction, Program};

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

/// Runs one instruction on the slots.
#[inline(always)]
pub(super) fn step<const W: usize>(instruction: Instruction, slots: &mut Slots<W>) {
    let Instruction { op, to, a, b } = instruction;
    if let Operation::Result { .. } | Operation::CheckedResult { .. } | Operation::Undefined = op {
        // The only operations whose target may precede its operand.
        let from = slots[a];
        op.with(Rows(&mut slots[to], &from, &from));
        return;
    }
    // All other operations write above their operands, so the rows can be borrowed separately.
    let (below, above) = slots.0.split_at_mut(to.index());
    op.with(Rows(&mut above[0], &below[a.index()], &below[b.index()]));
}

/// One row to write and two to read.
struct Rows<'s, const W: usize>(&'s mut Lanes<W>, &'s Lanes<W>, &'s Lanes<W>);

impl<const W: usize> Kernel for Rows<'_, W> {
    type Output = ();

    #[inline(always)]
    fn apply(self, f: impl Fn(f32, f32) -> f32) {
        zip(self.0, self.1, self.2, f);
    }
}
