//! Pure: plain view models in, the bytes of a table, of JSON or of YAML out. Nothing here asks, decides or prints.
//!
//! `table` is kubectl's look, `paint` what is coloured; `document` is one JSON or YAML
//! document per command, `manifest` objects that kubectl can apply, `mermaid` a diagram, `format` what `-o` says,
//! `hidden` keeps credentials out of all of it.

mod check;
mod clusters;
mod credentials;
mod dashboards;
mod diff;
mod document;
mod explained;
mod flags;
mod fleet_diff;
mod fleet_file;
mod format;
mod grants;
mod hidden;
mod history;
mod junit;
mod manifest;
mod mermaid;
mod paint;
mod plan;
mod query;
mod role;
mod rollout;
mod rules;
mod status;
mod table;
mod verified;
mod version;
mod view;
mod watch;
mod web;

pub use check::{CheckRow, CheckView, ContextChecks, FindingRow, Marks, Summary};
pub use clusters::{ClusterRow, ClustersView, NamespacePods};
pub use credentials::{CredentialRow, CredentialsView, InvitationView};
pub use dashboards::{DashboardRow, DashboardsView};
pub use diff::{DiffView, StepDiff, TextDiffView};
pub use document::{API_VERSION, Document};
pub use explained::{ChecksView, ExplainedView, checks_page};
pub use flags::{ContextFlags, FlagRow, FlagsView, OtherFlag};
pub use fleet_diff::{FleetDiffView, UnknownDiff};
pub use fleet_file::{AgentEntry, FLEET_FILE, FleetFileView, HubEntry};
pub use format::Format;
pub use grants::{grants_json, grants_names, grants_yaml};
pub use hidden::{hidden, hidden_error};
pub use history::{HistoryView, RevisionRow};
pub use manifest::{json_list, yaml_stream};
pub use paint::{Paint, Tone};
pub use plan::{diffs, steps};
pub use query::QueryView;
pub use role::RoleStatus;
pub use rollout::{Change, Done, FleetPlanRow, FleetPlanView, FleetRow, FleetView, Verified};
pub use rules::{RuleRow, RulesView};
pub use status::{StatusRow, StatusView};
pub use table::{Cell, Column, Columns, Table};
pub use verified::{Next, Outcome, Proof, StepView};
pub use version::{ServerVersions, VersionView};
pub use view::{View, not_for_this, render};
pub use watch::{Looks, WatchRow, WatchView};
pub use web::WebView;
