//! Clusters of real parts: the second rig of the scenarios.

pub mod package;
