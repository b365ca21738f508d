//! The document: three lines of text, counts in binary, and a checksum of all of it.
//!
//! ```text
//! kzsim state 1
//! {"version":"0.1.0","scenario":"base", …}      whose counts, and how far they go
//! {"schema":1, …}                               the resolved scenario
//! …                                             counts, in the Postcard format
//! 32 bytes                                      SHA-256 of everything before
//! ```

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Header, Notes, Paired, read_plain};
use crate::ensemble::Tally;
use crate::plan::Plan;
use crate::scenario::Scenario;

/// How a state begins; the number is that of the format.
const MAGIC: &[u8] = b"kzsim state 1\n";
/// How a state of any format begins.
const ANY: &[u8] = b"kzsim state ";
/// Bytes of the checksum.
const CHECK: usize = 32;
/// The largest state that is read.
const MOST: u64 = 1 << 30;

/// What a run has counted.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Whose counts, and how far they go.
    pub header: Header,
    /// The resolved scenario.
    pub resolved: Value,
    /// The counts.
    pub tally: Tally,
    /// Pairs of rounds that are counted.
    pub paired: Paired,
    /// Rounds that wait for their partners.
    pub notes: Notes,
}

/// The binary part.
#[derive(Serialize, Deserialize)]
struct Body<T, P, N> {
    tally: T,
    paired: P,
    notes: N,
}

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Something else.
    #[error("is not a kzsim state file")]
    Another,
    /// A state of another format.
    #[error("was written by an incompatible version of kzsim")]
    Format,
    /// The checksum does not hold.
    #[error("is corrupt (checksum mismatch): truncated or modified")]
    Damaged,
    /// Too large to be a state.
    #[error("exceeds the limit of {} MiB", MOST >> 20)]
    TooLarge,
    /// The counts do not fit the scenario.
    #[error("does not fit its scenario: outcomes, flags, actions or days differ")]
    Misfit,
}

impl State {
    /// The bytes of the file.
    ///
    /// # Errors
    /// When it cannot be written down; no state that was read or played does that.
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let mut out = MAGIC.to_vec();
        serde_json::to_writer(&mut out, &self.header)?;
        out.push(b'\n');
        serde_json::to_writer(&mut out, &self.resolved)?;
        out.push(b'\n');
        let body = Body {
            tally: &self.tally,
            paired: &self.paired,
            notes: &self.notes,
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
            // A damaged first line is damage, and not another format, if the rest is as it was.
            return Err(match bytes.strip_prefix(ANY) {
                Some(rest) if rest.iter().take_while(|b| b.is_ascii_digit()).count() > 0 => {
                    StateError::Format
                }
                _ if bytes.is_empty() || MAGIC.starts_with(bytes) => StateError::Damaged,
                _ => StateError::Another,
            });
        }
        let (content, check) = bytes
            .split_at_checked(bytes.len().saturating_sub(CHECK))
            .ok_or(StateError::Damaged)?;
        if content.len() < MAGIC.len() || Sha256::digest(content).as_slice() != check {
            return Err(StateError::Damaged);
        }
        let mut lines = content[MAGIC.len()..].splitn(3, |b| *b == b'\n');
        let (Some(header), Some(resolved), Some(body)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(StateError::Damaged);
        };
        let header: Header = serde_json::from_slice(header).map_err(|_| StateError::Damaged)?;
        let resolved = serde_json::from_slice(resolved).map_err(|_| StateError::Damaged)?;
        let body: Body<Tally, Paired, Notes> =
            postcard::from_bytes(body).map_err(|_| StateError::Damaged)?;
        if !header.is_sound() {
            return Err(StateError::Damaged);
        }
        Ok(Self {
            header,
            resolved,
            tally: body.tally,
            paired: body.paired,
            notes: body.notes,
        })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is not a state, or is corrupt.
    pub fn read(path: &Path) -> Result<Self, StateError> {
        Self::decode(&Self::bytes(path)?)
    }

    /// The bytes of a file that is not too large to be a state.
    ///
    /// # Errors
    /// When it cannot be read, or is larger.
    pub fn bytes(path: &Path) -> Result<Vec<u8>, StateError> {
        read_plain(path, MOST)?.ok_or(StateError::TooLarge)
    }

    /// Says whether the counts can be those of a scenario.
    ///
    /// # Errors
    /// When they cannot.
    pub fn fit(&self, scenario: &Scenario, plan: &Plan) -> Result<(), StateError> {
        let counted = self.header.next - self.header.first;
        let fits = Tally::empty(scenario, plan).fits(&self.tally)
            && self.tally.rounds == counted
            && self.paired.fit(scenario)
            && self.notes.fit(scenario)
            // Notes wait for the pair that comes next.
            && (self.notes.rounds().is_empty()
                || self.notes.first == self.paired.next.max(self.header.first));
        if fits {
            Ok(())
        } else {
            Err(StateError::Misfit)
        }
    }
}
