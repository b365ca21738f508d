//! The state file: three lines of text, counts in binary, and a checksum of everything.
//!
//! ```text
//! kzsim state 3
//! {"version":"0.2.0","scenario":"base", …}      what was counted, and how far
//! {"schema":1, …}                               the resolved scenario
//! …                                             counts, in the Postcard format
//! 32 bytes                                      SHA-256 of everything before
//! ```

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::header::Header;
use super::pairs::{PairCounts, WaitingRounds};
use crate::ensemble::Tally;
use crate::files;
use crate::plan::Plan;
use crate::scenario::Scenario;

/// How a state begins; the number is the version of the format.
const MAGIC: &[u8] = b"kzsim state 3\n";
/// How a state of any version of the format begins.
const ANY: &[u8] = b"kzsim state ";
/// Length of the checksum in bytes.
const CHECK: usize = 32;
/// The largest state that is read, in bytes.
const MOST: u64 = 1 << 30;

/// What a run has counted.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What was counted, and how far.
    pub header: Header,
    /// The resolved scenario.
    pub resolved: Value,
    /// The counts.
    pub tally: Tally,
    /// Counts of pairs of rounds.
    pub pairs: PairCounts,
    /// Rounds that wait for their partners.
    pub waiting: WaitingRounds,
}

/// The binary part.
#[derive(Serialize, Deserialize)]
struct Body<T, P, W> {
    tally: T,
    pairs: P,
    waiting: W,
}

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is another kind of file.
    #[error("is not a kzsim state file")]
    NotState,
    /// It has another version of the format.
    #[error("was written by an incompatible version of kzsim")]
    Format,
    /// The checksum does not match.
    #[error("is corrupt (checksum mismatch): truncated or modified")]
    Corrupt,
    /// It is too large to be a state.
    #[error("exceeds the limit of {} MiB", MOST >> 20)]
    TooLarge,
    /// The counts are not those of the scenario.
    #[error("does not fit its scenario: outcomes, flags, actions or days differ")]
    Misfit,
}

impl State {
    /// The bytes of the file.
    ///
    /// # Errors
    /// When it cannot be serialized, which no state that was read or played causes.
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = MAGIC.to_vec();
        serde_json::to_writer(&mut out, &self.header)?;
        out.push(b'\n');
        serde_json::to_writer(&mut out, &self.resolved)?;
        out.push(b'\n');
        let body = Body {
            tally: &self.tally,
            pairs: &self.pairs,
            waiting: &self.waiting,
        };
        let out = postcard::to_extend(&body, out).map_err(io::Error::other)?;
        Ok(Self::seal(out))
    }

    /// Adds the checksum to everything before it.
    #[must_use]
    pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
        let check = Sha256::digest(&bytes);
        bytes.extend_from_slice(&check);
        bytes
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// When they are not a state, or corrupt.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateError> {
        if !bytes.starts_with(MAGIC) {
            // A first line that was cut short is corruption, not another format.
            return Err(match bytes.strip_prefix(ANY) {
                Some(rest) if rest.iter().take_while(|b| b.is_ascii_digit()).count() > 0 => {
                    StateError::Format
                }
                _ if bytes.is_empty() || MAGIC.starts_with(bytes) => StateError::Corrupt,
                _ => StateError::NotState,
            });
        }
        let (content, check) = bytes
            .split_at_checked(bytes.len().saturating_sub(CHECK))
            .ok_or(StateError::Corrupt)?;
        if content.len() < MAGIC.len() || Sha256::digest(content).as_slice() != check {
            return Err(StateError::Corrupt);
        }
        let mut lines = content[MAGIC.len()..].splitn(3, |b| *b == b'\n');
        let (Some(header), Some(resolved), Some(body)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(StateError::Corrupt);
        };
        let header: Header = serde_json::from_slice(header).map_err(|_| StateError::Corrupt)?;
        let resolved = serde_json::from_slice(resolved).map_err(|_| StateError::Corrupt)?;
        let body: Body<Tally, PairCounts, WaitingRounds> =
            postcard::from_bytes(body).map_err(|_| StateError::Corrupt)?;
        if !header.is_sound() {
            return Err(StateError::Corrupt);
        }
        Ok(Self {
            header,
            resolved,
            tally: body.tally,
            pairs: body.pairs,
            waiting: body.waiting,
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is not a state, or is corrupt.
    pub fn read(path: &Path) -> Result<Self, StateError> {
        Self::decode(&Self::bytes(path)?)
    }

    /// The bytes of a file that may be a state.
    ///
    /// # Errors
    /// When it cannot be read, or is larger.
    pub fn bytes(path: &Path) -> Result<Vec<u8>, StateError> {
        files::read(path, MOST)?.ok_or(StateError::TooLarge)
    }

    /// Checks whether the counts can be those of a scenario.
    ///
    /// # Errors
    /// When they cannot.
    pub fn fit(&self, scenario: &Scenario, plan: &Plan) -> Result<(), StateError> {
        let counted = self.header.next - self.header.first;
        let fits = Tally::empty(scenario, plan).fits(&self.tally)
            && self.tally.rounds == counted
            && self.pairs.fit(scenario)
            && self.waiting.fit(scenario)
            // Rounds wait from the next pair on.
            && (self.waiting.rounds().is_empty()
                || self.waiting.first == self.pairs.next.max(self.header.first));
        if fits {
            Ok(())
        } else {
            Err(StateError::Misfit)
        }
    }
}
