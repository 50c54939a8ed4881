//! `kubectl promfed explain`

use super::shell::{End, Shell};
use crate::check::{all, by_code};
use crate::cli::Explain;
use crate::error::{Error, Result};
use crate::report::{ChecksView, ExplainedView};

/// Says what a code means, or lists the codes. No cluster is asked.
pub(super) fn run(shell: &Shell, args: &Explain) -> Result<End> {
    let Some(code) = &args.code else {
        shell.print(&ChecksView::all())?;
        return Ok(End::Done);
    };
    let check = by_code(code).ok_or_else(|| {
        let first = all().first().map_or("PF101", |check| check.code);
        Error::usage(format!("there is no check {code:?}"))
            .because(format!("codes are like {first}"))
            .hint("kubectl promfed explain")
    })?;
    shell.print(&ExplainedView::from(check))?;
    Ok(End::Done)
}
