//! Results as files and as tables: CSV, manifest, terminal.

pub mod cell;
pub mod columns;
pub mod comparison;
pub mod comparison_text;
pub mod coverage;
pub mod discovery;
pub mod discovery_summary;
pub mod explain;
pub mod folder;
pub mod given;
pub mod journal;
pub mod lock;
pub mod manifest;
pub mod parquet;
pub mod played_folders;
pub mod rounds;
pub mod sensitivity;
pub mod sensitivity_summary;
pub mod story;
pub mod summary;
pub mod sweep;
pub mod tables;
mod values;
pub mod variance;
pub mod weighing;
mod weighing_summary;
pub mod write;
