//! `kzsim schema`

use clap::Args;

use super::common::Failure;
use super::terminal::give;
use crate::scenario::schema;

/// Print the JSON Schema with which editors complete and check scenarios while they are written.
///
/// Taplo and Even Better TOML read it. A file names its schema in its first line, as in
/// `#:schema ../schemas/scenario.json`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim schema > scenario.schema.json
  kzsim schema evidence > evidence.schema.json")]
pub(super) struct SchemaArgs {
    /// Which kind of file
    #[arg(value_enum, value_name = "KIND", default_value = "scenario")]
    kind: Kind,
}

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// A scenario
    Scenario,
    /// Evidence
    Evidence,
}

pub(super) fn schema(args: &SchemaArgs) -> Result<(), Failure> {
    let found = match args.kind {
        Kind::Scenario => schema::scenario(),
        Kind::Evidence => schema::evidence(),
    };
    give(&schema::text(&found))
}
