//! `kubectl promfed query`

use super::clusters::hub;
use super::prometheus::now;
use super::receiver::Receiver;
use super::shell::{End, Shell};
use crate::cli::Query;
use crate::error::{Error, Result};
use crate::prometheus::api;
use crate::report::QueryView;

/// How many points a range has when no step is given: about what a terminal shows.
const POINTS: f64 = 20.0;

/// Asks the hub, now or over a range.
pub(super) async fn run(shell: &Shell, args: &Query) -> Result<End> {
    let (title, prometheus) = if let Some(receiver) = Receiver::of(&args.at).await? {
        (format!("at {}", receiver.at.url), receiver.prometheus)
    } else {
        let (cluster, site) = hub(shell, args.hub_context.as_deref()).await?;
        (format!("on context {:?}", cluster.context()), site.prometheus)
    };
    let path = match args.range {
        None => api::query_path(&args.promql),
        Some(range) => {
            let range = range.as_secs_f64();
            let step = args.step.map_or((range / POINTS).max(1.0), |step| step.as_secs_f64());
            let end = now();
            api::query_range_path(&args.promql, end - range, end, step)
        }
    };
    let result = prometheus
        .result(&path)
        .await
        .map_err(|error| Error::from(error).during(format!("the hub {title} refuses the query")))?;
    shell.print(&QueryView::new(&args.promql, result))?;
    Ok(End::Done)
}
