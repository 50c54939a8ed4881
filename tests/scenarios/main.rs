//! What runs the binary, and what holds the house together.
//!
//! `house`, `krew`, `workflows` and `hints` need nothing; `contract` is what every rig has to keep. The others start a sandbox: clusters of their own, with a real API
//! surface and the real Prometheus, and run the plugin against them as a user would. Where no Prometheus can be had
//! they are skipped, aloud; `make test` and CI set `PROMFED_SKIP=never`, and then that is a failure.

mod agent_join;
mod article;
mod carvel;
mod checking;
mod client;
mod completion;
mod contour;
mod contract;
mod dashboards;
mod dialects;
mod docs;
mod door;
mod errors;
mod faults;
mod fleet;
mod going_back;
mod hints;
mod house;
mod hub_init;
mod krew;
mod kubectl;
mod leaks;
mod login;
mod losses;
mod members;
mod owners;
mod racing;
mod rbac;
mod reading;
mod readme;
mod receivers;
mod rollout;
mod rules;
mod seeing;
mod support;
mod trust;
mod ui;
mod watching;
mod workflows;
