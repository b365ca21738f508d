//! `kzsim schema`

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use crate::scenario::schema;

/// Print the JSON Schema for editors.
///
/// With it, Taplo and Even Better TOML complete and check scenarios as they are written. A file
/// names its schema in its first line, for example `#:schema ../schemas/scenario.json`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kzsim schema > scenario.schema.json
  kzsim schema evidence > evidence.schema.json")]
pub(super) struct SchemaArgs {
    /// The kind of file
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

impl SchemaArgs {
    pub(super) fn execute(&self, context: &mut Context) -> Result<(), Failure> {
        let found = match self.kind {
            Kind::Scenario => schema::scenario(),
            Kind::Evidence => schema::evidence(),
        };
        context.print_raw(&schema::text(&found))
    }
}
