//! The library behind `kubectl promfed`: many Kubernetes clusters report to one Prometheus.
//!
//! A command runs straight down: arguments, intent, observe, plan, apply, verify, report. Only `cluster` talks to an
//! API server, only `yaml` knows YAML, only `ui` and `report` produce what a person or a program reads; `plan`,
//! `check`, `dashboard`, `domain`, `package`, `prometheus` and `rights` are pure. This is not a public API: it may change with every version.

pub mod check;
pub mod cli;
pub mod cluster;
pub mod command;
pub mod dashboard;
pub mod domain;
pub mod error;
pub mod fleet_file;
pub mod history;
pub mod identity;
pub mod join_file;
pub mod package;
pub mod plan;
pub mod prometheus;
pub mod report;
pub mod rights;
pub mod ui;
pub mod yaml;
