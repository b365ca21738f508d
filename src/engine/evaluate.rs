//! Runs flat programs over lanes.

use super::isa::Isa;
use super::lanes::{Lanes, zip};
use super::math;
use crate::plan::program::{Instruction, Op, Program};

#[inline(always)]
fn truth(test: bool) -> f32 {
    if test { 1.0 } else { 0.0 }
}

/// One operation on two numbers: what a program does in each lane, and how constants are folded.
#[inline(always)]
#[must_use]
pub fn scalar(op: Op, a: f32, b: f32) -> f32 {
    match op {
        Op::Add => a + b,
        Op::Subtract => a - b,
        Op::Multiply => a * b,
        Op::Divide => math::divide(a, b),
        Op::Negate => 0.0 - a,
        Op::Less => truth(a < b),
        Op::LessEqual => truth(a <= b),
        Op::Equal => truth(a == b),
        Op::NotEqual => truth(a != b),
        Op::And => truth((a != 0.0) & (b != 0.0)),
        Op::Or => truth((a != 0.0) | (b != 0.0)),
        Op::Not => truth(a == 0.0),
        Op::Min => math::min(a, b),
        Op::Max => math::max(a, b),
        Op::Absolute => a.abs(),
        Op::Exp => math::exp(a),
        Op::Ln => math::ln(a),
        Op::SquareRoot => math::max(a, 0.0).sqrt(),
        Op::Logistic => math::logistic(a),
        Op::WholePower(n) => math::whole_power(a, n),
        Op::Power => math::power(a, b),
        Op::Contest => math::contest(a, b),
        Op::Result { least, most } => math::result(a, least, most),
    }
}

/// Runs a program on the slots.
pub fn run<const W: usize>(isa: Isa, program: &Program, slots: &mut [Lanes<W>]) {
    isa.run(
        #[inline(always)]
        || run_inline(program, slots),
    );
}

#[inline(always)]
fn run_inline<const W: usize>(program: &Program, slots: &mut [Lanes<W>]) {
    for instruction in &program.instructions {
        step(*instruction, slots);
    }
}

/// Runs one instruction on the slots.
#[inline(always)]
pub(super) fn step<const W: usize>(instruction: Instruction, slots: &mut [Lanes<W>]) {
    let Instruction { op, to, a, b } = instruction;
    if let Op::Result { least, most } = op {
        // The one operation whose target may stand before its operand.
        let from = slots[a];
        for (out, x) in slots[to].0.iter_mut().zip(&from.0) {
            *out = math::result(*x, least, most);
        }
        return;
    }
    // Every other operation writes above its operands, so that they can be told apart.
    let (below, above) = slots.split_at_mut(to);
    let (out, a, b) = (&mut above[0], &below[a], &below[b]);
    macro_rules! ops {
        ($($op:pat => $same:expr),* $(,)?) => {
            match op {
                $($op => zip(out, a, b, |x, y| scalar($same, x, y)),)*
                Op::WholePower(n) => zip(out, a, b, |x, _| math::whole_power(x, n)),
                Op::Result { .. } => {}
            }
        };
    }
    // One arm an operation, so that each is a loop of its own and vectorises.
    ops! {
        Op::Add => Op::Add,
        Op::Subtract => Op::Subtract,
        Op::Multiply => Op::Multiply,
        Op::Divide => Op::Divide,
        Op::Negate => Op::Negate,
        Op::Less => Op::Less,
        Op::LessEqual => Op::LessEqual,
        Op::Equal => Op::Equal,
        Op::NotEqual => Op::NotEqual,
        Op::And => Op::And,
        Op::Or => Op::Or,
        Op::Not => Op::Not,
        Op::Min => Op::Min,
        Op::Max => Op::Max,
        Op::Absolute => Op::Absolute,
        Op::Exp => Op::Exp,
        Op::Ln => Op::Ln,
        Op::SquareRoot => Op::SquareRoot,
        Op::Logistic => Op::Logistic,
        Op::Power => Op::Power,
        Op::Contest => Op::Contest,
    }
}
