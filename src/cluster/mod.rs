//! Runs on machines that have an engine of their own: scripts for it, and nothing that schedules.

pub mod slurm;
