//! Parses tokens to a tree, by precedence climbing.
//!
//! From loosest to tightest: `or`, `and`, `not`, comparisons (which do not chain), `+ -`, `* /`, unary
//! minus, `^` (from the right).

use std::ops::Range;

use super::lexer::{Token, Wrong, tokens};
use super::sets::{has_set, takes_sets};
use super::syntax::{Binary, Form, Function, Node, Tree, Unary};
use crate::scenario::fault::{did_you_mean, nearest};
use crate::scenario::meant::{date_call, not_computed};

/// The deepest nesting of parentheses, calls and signs.
pub const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Tree, Wrong> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        tokens,
        at: 0,
        depth: 0,
    };
    if parser.peek() == &Token::End {
        return Err(parser.wrong("an empty expression", "a number, a name or a formula"));
    }
    let tree = parser.or()?;
    match parser.peek() {
        Token::End => Ok(tree),
        Token::Sign(")") => Err(parser.wrong("`)` without its `(`", "balanced parentheses")),
        Token::Sign("=") => Err(Wrong {
            help: Some("write `==`".to_owned()),
            ..parser.wrong("a single `=`", "`==`, which compares")
        }),
        other => {
            let found = format!(
                "{} where the expression should continue or end",
                other.shown()
            );
            Err(Wrong {
                help: parser.meant(text),
                ..parser.wrong(found, "an operator, or the end")
            })
        }
    }
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    fn next(&mut self) -> (Token, Range<usize>) {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn wrong(&self, found: impl Into<String>, allowed: impl Into<String>) -> Wrong {
        Wrong {
            span: self.span(),
            found: found.into(),
            allowed: allowed.into(),
            help: None,
        }
    }

    /// What to write where an expression breaks off.
    fn meant(&self, text: &str) -> Option<String> {
        let before = self.at.checked_sub(1).and_then(|i| self.tokens.get(i));
        let after = self.tokens.get(self.at + 1);
        match (before, self.peek(), after) {
            // A decimal comma.
            (Some((Token::Number(_), a)), Token::Sign(","), Some((Token::Number(_), b)))
                if b.start == a.end + 1 =>
            {
                not_computed(&text[a.start..b.end])
            }
            (_, Token::Name(parts), _) if parts.len() == 1 => {
                let lower = parts[0].to_ascii_lowercase();
                let is_word = ["and", "or", "not"].contains(&lower.as_str());
                is_word.then(|| format!("write `{lower}`"))
            }
            (_, Token::Sign("!"), _) => Some("write `not`".to_owned()),
            _ => None,
        }
    }

    fn word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(parts) if parts.len() == 1 && parts[0] == word)
    }

    /// Runs `inner` one level deeper; nesting is bounded so that no text can exhaust the stack.
    fn deeper(&mut self, inner: fn(&mut Self) -> Result<Tree, Wrong>) -> Result<Tree, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(
                format!("an expression nested more than {DEEPEST} levels deep"),
                format!("at most {DEEPEST} levels; move parts of it to [formulas]"),
            ));
        }
        let tree = inner(self);
        self.depth -= 1;
        tree
    }

    fn binary(op: Binary, left: Tree, right: Tree) -> Tree {
        let span = left.span.start..right.span.end;
        Tree {
            node: Node::Binary(op, Box::new(left), Box::new(right)),
            span,
        }
    }

    fn or(&mut self) -> Result<Tree, Wrong> {
        let mut left = self.and()?;
        let mut length = 0;
        while self.word("or") {
            self.next();
            left = Self::binary(Binary::Or, left, self.and()?);
            length = self.long_chain(length)?;
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Tree, Wrong> {
        let mut left = self.not()?;
        let mut length = 0;
        while self.word("and") {
            self.next();
            left = Self::binary(Binary::And, left, self.not()?);
            length = self.long_chain(length)?;
        }
        Ok(left)
    }

    /// A chain `a + b + c …` is as deep a tree as it is long, so its length is bounded too.
    fn long_chain(&self, length: usize) -> Result<usize, Wrong> {
        if length >= 4 * DEEPEST {
            return Err(self.wrong(
                format!("a chain of more than {} operators", 4 * DEEPEST),
                format!("at most {}; move parts of it to [formulas]", 4 * DEEPEST),
            ));
        }
        Ok(length + 1)
    }

    fn not(&mut self) -> Result<Tree, Wrong> {
        if self.word("not") {
            let start = self.next().1.start;
            let inner = self.deeper(Self::not)?;
            let span = start..inner.span.end;
            return Ok(Tree {
                node: Node::Unary(Unary::Not, Box::new(inner)),
                span,
            });
        }
        self.comparison()
    }

    fn comparison_sign(&self) -> Option<Binary> {
        match self.peek() {
            Token::Sign("<") => Some(Binary::Less),
            Token::Sign("<=") => Some(Binary::LessEqual),
            Token::Sign(">") => Some(Binary::Greater),
            Token::Sign(">=") => Some(Binary::GreaterEqual),
            Token::Sign("==") => Some(Binary::Equal),
            Token::Sign("!=") => Some(Binary::NotEqual),
            _ => None,
        }
    }

    fn comparison(&mut self) -> Result<Tree, Wrong> {
        let left = self.sum()?;
        let Some(op) = self.comparison_sign() else {
            return Ok(left);
        };
        self.next();
        let tree = Self::binary(op, left, self.sum()?);
        if self.comparison_sign().is_some() {
            return Err(self.wrong("a second comparison in a row", "`a < b and b < c`"));
        }
        Ok(tree)
    }

    fn sum(&mut self) -> Result<Tree, Wrong> {
        let mut left = self.product()?;
        let mut length = 0;
        loop {
            let op = match self.peek() {
                Token::Sign("+") => Binary::Add,
                Token::Sign("-") => Binary::Subtract,
                _ => return Ok(left),
            };
            self.next();
            left = Self::binary(op, left, self.product()?);
            length = self.long_chain(length)?;
        }
    }

    fn product(&mut self) -> Result<Tree, Wrong> {
        let mut left = self.minus()?;
        let mut length = 0;
        loop {
            let op = match self.peek() {
                Token::Sign("*") => Binary::Multiply,
                Token::Sign("/") => Binary::Divide,
                _ => return Ok(left),
            };
            self.next();
            left = Self::binary(op, left, self.minus()?);
            length = self.long_chain(length)?;
        }
    }

    fn minus(&mut self) -> Result<Tree, Wrong> {
        match self.peek() {
            Token::Sign("-") => {
                let start = self.next().1.start;
                let inner = self.deeper(Self::minus)?;
                let span = start..inner.span.end;
                Ok(Tree {
                    node: Node::Unary(Unary::Minus, Box::new(inner)),
                    span,
                })
            }
            Token::Sign("+") => {
                self.next();
                self.deeper(Self::minus)
            }
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Result<Tree, Wrong> {
        let base = self.atom()?;
        if self.peek() != &Token::Sign("^") {
            return Ok(base);
        }
        self.next();
        let exponent = self.deeper(Self::minus)?;
        Ok(Self::binary(Binary::Power, base, exponent))
    }

    fn atom(&mut self) -> Result<Tree, Wrong> {
        match self.peek().clone() {
            Token::Number(value) => {
                let span = self.next().1;
                Ok(Tree {
                    node: Node::Number(value),
                    span,
                })
            }
            Token::Sign("(") => {
                let start = self.next().1.start;
                let inner = self.deeper(Self::or)?;
                if self.peek() != &Token::Sign(")") {
                    let found = format!("{} where `)` should be", self.peek().shown());
                    return Err(self.wrong(found, "balanced parentheses"));
                }
                let end = self.next().1.end;
                Ok(Tree {
                    node: inner.node,
                    span: start..end,
                })
            }
            Token::Name(parts) if matches!(parts[0].as_str(), "and" | "or" | "not") => Err(self
                .wrong(
                    format!("`{}` where a value should be", parts[0]),
                    "a number, a name or a parenthesis",
                )),
            Token::Name(parts) => {
                let span = self.next().1;
                if self.peek() == &Token::Sign("(") {
                    return self.call(&parts, span);
                }
                Ok(Tree {
                    node: Node::Name(parts),
                    span,
                })
            }
            other => {
                let help = match &other {
                    Token::Sign("!") => Some("write `not`".to_owned()),
                    Token::Text(text) => date_call(text).or_else(|| {
                        Some("names have no quotes, and dates are in date( )".to_owned())
                    }),
                    _ => None,
                };
                let found = format!("{} where a value should be", other.shown());
                let wrong = self.wrong(found, "a number, a name or a parenthesis");
                Err(Wrong { help, ..wrong })
            }
        }
    }

    fn call(&mut self, parts: &[String], name: Range<usize>) -> Result<Tree, Wrong> {
        self.next();
        let written = parts.join(".");
        if written == "date" {
            return self.date(name.start);
        }
        let Some(function) = Function::ALL.iter().find(|f| f.name == written) else {
            let known = Function::ALL.iter().map(|f| f.name).chain(["date"]);
            let list = known.clone().collect::<Vec<_>>().join(", ");
            return Err(Wrong {
                span: name,
                found: format!("`{written}` is not a function"),
                allowed: format!("the functions {list}"),
                help: did_you_mean(&written, nearest(&written, known)),
            });
        };
        let mut arguments = Vec::new();
        if self.peek() != &Token::Sign(")") {
            loop {
                arguments.push(self.deeper(Self::or)?);
                if self.peek() != &Token::Sign(",") {
                    break;
                }
                self.next();
            }
        }
        if self.peek() != &Token::Sign(")") {
            let found = format!("{} where `,` or `)` should be", self.peek().shown());
            return Err(self.wrong(found, "balanced parentheses"));
        }
        let span = name.start..self.next().1.end;
        let n = arguments.len();
        let Function { least, most, .. } = *function;
        let over = n == 1 && takes_sets(function) && has_set(&arguments[0]);
        if n == 1 && !over && matches!(function.form, Form::Sum | Form::Mean) {
            return Err(Wrong {
                span,
                found: format!("`{written}` of a single number"),
                allowed: format!(
                    "`*` or a list in place of an id: {written}(power.*.ARENA), {written}(power.[one, another].ARENA)"
                ),
                help: None,
            });
        }
        if !over && (n < least || n > most) {
            let wanted = if least == most {
                format!("{least}")
            } else {
                format!("{least} to {most}")
            };
            return Err(Wrong {
                span,
                found: format!(
                    "`{written}` with {n} argument{}",
                    if n == 1 { "" } else { "s" }
                ),
                allowed: format!("{wanted} argument{}", if most == 1 { "" } else { "s" }),
                help: None,
            });
        }
        Ok(Tree {
            node: Node::Call(function, arguments),
            span,
        })
    }

    fn date(&mut self, start: usize) -> Result<Tree, Wrong> {
        let (token, _) = self.next();
        let Token::Text(text) = token else {
            self.at -= usize::from(self.at > 0);
            let found = format!("{} inside date( )", token.shown());
            let wrong = self.wrong(found, "a date in quotes: date('2022-01-05')");
            return Err(Wrong {
                help: Some("put the date in single quotes".to_owned()),
                ..wrong
            });
        };
        if self.peek() != &Token::Sign(")") {
            let found = format!("{} where `)` should be", self.peek().shown());
            return Err(self.wrong(found, "date('2022-01-05')"));
        }
        let end = self.next().1.end;
        Ok(Tree {
            node: Node::Date(text),
            span: start..end,
        })
    }
}
