//! Many agents, side by side.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use futures::StreamExt as _;
use futures::stream;

use super::planned::Intended;
use super::{member_shell, row};
use crate::cli::{AgentJoin, Write};
use crate::command::agent::joined;
use crate::command::denied::explained_to_agent;
use crate::command::shell::Shell;
use crate::fleet_file::Declared;
use crate::prometheus::Role;
use crate::report::{Done, FleetRow, hidden_error};

/// Makes every agent what is declared of it, and tells each. Begins with no more of them once more than so many have
/// failed; those that are under way are waited for.
pub(super) async fn join_all(
    shell: &Shell,
    agents: &[(&Declared<AgentJoin>, &Intended)],
    how: &Write,
    at_once: NonZeroUsize,
    allowed: usize,
) -> Vec<FleetRow> {
    let is_refused = |(_, intended): &&(_, &Intended)| matches!(intended, Intended::Refused(_));
    let failed = Cell::new(agents.iter().filter(is_refused).count());
    let failed = &failed;
    let one = async |number: usize, declared: &Declared<AgentJoin>, intended: &Intended| {
        let row = if failed.get() > allowed {
            skipped(declared)
        } else {
            joining(shell, declared, intended, how).await
        };
        if row.result == Done::Failed && !matches!(intended, Intended::Refused(_)) {
            failed.set(failed.get() + 1);
        }
        (number, row)
    };
    let one = &one;
    let mut under_way = stream::iter(agents.iter().enumerate())
        .map(|(number, (declared, intended))| one(number, declared, intended))
        .buffer_unordered(at_once.get());
    let mut rows = BTreeMap::new();
    loop {
        let waited = agents.iter().enumerate().find(|(number, _)| !rows.contains_key(number));
        if let Some((_, (declared, _))) = waited {
            let told = format!("{} of {} done, waiting for {}", rows.len(), agents.len(), declared.context());
            shell.ui.progress().redraw("joining", &told);
        }
        let Some((number, row)) = under_way.next().await else { break };
        rows.insert(number, row);
    }
    shell.ui.progress().clear();
    rows.into_values().collect()
}

async fn joining(
    shell: &Shell,
    declared: &Declared<AgentJoin>,
    intended: &Intended,
    how: &Write,
) -> FleetRow {
    let name = declared.args.cluster_name.as_ref().map(ToString::to_string);
    let own = member_shell(shell, declared);
    let mut warnings = Vec::new();
    let came = match intended {
        Intended::Refused(error) | Intended::Unreachable(error) => Err(error.clone()),
        Intended::Planned(_) | Intended::Later(_) => {
            let join = AgentJoin { write: how.clone(), ..declared.args.clone() };
            let came = Box::pin(joined(&own, &join)).await;
            warnings = own.ui.kept();
            came
        }
    };
    // What the plan warned of is told already.
    let told = intended.warnings();
    warnings.retain(|warning| !told.contains(warning));
    let hub = declared.args.hub.hub_context.as_deref();
    let explained = |error| hidden_error(&explained_to_agent(error, hub, &declared.connection));
    FleetRow { warnings, ..row(declared.context(), name, Role::Agent, came.map_err(explained)) }
}

fn skipped(declared: &Declared<AgentJoin>) -> FleetRow {
    let name = declared.args.cluster_name.as_ref().map(ToString::to_string);
    FleetRow { result: Done::Skipped, ..row(declared.context(), name, Role::Agent, Ok(None)) }
}
