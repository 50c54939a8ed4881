//! `kubectl promfed flags`

use futures::join;

use super::fleet::Fleet;
use super::shell::{End, Shell};
use super::site::{Site, Wanted, cluster_uid, no_install};
use crate::cli::Flags;
use crate::cluster::Cluster;
use crate::error::{Error, Kind, Result};
use crate::prometheus::Capabilities;
use crate::prometheus::flags::{Verdict, expectations, mode};
use crate::report::{ContextFlags, FlagRow, FlagsView, OtherFlag, hidden};

/// Holds the runtime flags of every context against what role and values say.
pub(super) async fn run(shell: &Shell, args: &Flags) -> Result<End> {
    let fleet = Fleet::of(shell, &args.contexts).await?;
    let alone = fleet.is_one();
    let uid = async |cluster: &Cluster| cluster_uid(cluster).await.ok().flatten();
    let read = fleet.ask(shell, of, uid).await;
    let mut end = End::Done;
    let mut items = Vec::new();
    for (context, flags) in read {
        items.push(match flags {
            Ok(flags) => flags,
            // One context that fails is the command failing; of several it is a row.
            Err(error) if alone => return Err(error),
            Err(error) => {
                end = if error.kind == Kind::Unreachable || end == End::Unreachable {
                    End::Unreachable
                } else {
                    End::Failed
                };
                ContextFlags {
                    context: context.to_owned(),
                    role: None,
                    flags: Vec::new(),
                    others: Vec::new(),
                    error: Some(hidden(&error.what)),
                }
            }
        });
    }
    let differs = items.iter().flat_map(|context| &context.flags).any(|flag| flag.verdict != Verdict::Ok);
    if differs && end == End::Done {
        end = End::Failed;
    }
    shell.print(&FlagsView { items })?;
    Ok(end)
}

async fn of(cluster: &Cluster) -> Result<ContextFlags> {
    let Some(site) = Site::read(cluster, Wanted::default()).await? else {
        return Err(no_install(cluster));
    };
    let (flags, version) = join!(site.prometheus.flags(), site.prometheus.version());
    let answered = |error: super::prometheus::NoAnswer| {
        Error::from(error).during(format!("Prometheus on context {:?} does not answer", cluster.context()))
    };
    let (flags, version) = match (flags, version) {
        (Ok(flags), Ok(version)) => (flags, version),
        (Err(error), _) | (_, Err(error)) => {
            let crash = super::crash::crash_error(cluster, &site.workloads).await;
            return Err(crash.unwrap_or_else(|| answered(error)));
        }
    };
    let capabilities = Capabilities::of(version);
    // The role that the values give is what the process is held against; a plain server has none.
    let role = site.desired_role().or_else(|| mode(capabilities, &flags));
    let args = site.values.args()?;
    let expected = match role {
        Some(role) => expectations(role, capabilities, &args),
        None => crate::prometheus::flags::from_values(&args),
    };
    let rows: Vec<_> = expected
        .into_iter()
        .map(|one| {
            let actual = flags.get(&one.flag).cloned();
            FlagRow {
                verdict: one.expected.judge(actual.as_deref()),
                expected: hidden(&one.expected.to_string()),
                flag: one.flag,
                actual: actual.as_deref().map(hidden),
                source: one.source,
            }
        })
        .collect();
    let others = flags
        .iter()
        .filter(|(name, _)| !rows.iter().any(|row| row.flag == **name))
        .map(|(name, value)| OtherFlag { flag: name.clone(), actual: hidden(value) })
        .collect();
    let role = role.map(|role| role.to_string());
    Ok(ContextFlags { context: cluster.context().to_owned(), role, flags: rows, others, error: None })
}
