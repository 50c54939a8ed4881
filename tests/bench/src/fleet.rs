//! Many contexts at once: `status` over copies of one agent's cluster, each with a name and a UID of its own.

use std::io;

use crate::Plugin;
use crate::copies::{Copies, NAME};
use crate::measure::paired;
use crate::one::{AWAY, federation};
use crate::program::{Needed, Place, mebibytes};
use crate::table::Table;

const PAIRS: usize = 5;
const SOME: usize = 200;
const MANY: usize = 1000;

pub(crate) fn measure(plugin: &Plugin, table: &mut Table) -> io::Result<()> {
    let (sandbox, place) = federation(plugin, NAME)?;
    let edge = sandbox.cluster("edge").ok_or_else(|| io::Error::other("no agent"))?;
    let look = ["status", "--context", &edge.context];
    edge.api.journal.reset();
    place.run(&plugin.path, &look)?;
    let copies = Copies::of(edge, &place, AWAY)?;
    let [one, some, many] = [1, SOME, MANY].map(|count| Looked::at(plugin, &copies, &place, count));
    let (one, some, many) = (one?, some?, many?);

    let pair = paired(PAIRS, || some.time(), || one.time())?;
    let what = format!("status of {SOME} contexts: time at 50 ms : of one");
    table.row(&what, pair.figure(), "at most 2x", pair.beside());
    let alone = one.needed()?;
    some.row(table, SOME, "below 64 MiB", &alone)?;
    let pair = paired(PAIRS, || many.time(), || some.time())?;
    let what = format!("status of {MANY} contexts: time at 50 ms : of {SOME}");
    table.row(&what, pair.figure(), "at most 5x", pair.beside());
    many.row(table, MANY, "", &alone)
}

/// `status` over so many contexts.
struct Looked<'p> {
    plugin: &'p Plugin,
    place: &'p Place,
    kubeconfig: String,
}

impl<'p> Looked<'p> {
    fn at(plugin: &'p Plugin, copies: &Copies, place: &'p Place, count: usize) -> io::Result<Self> {
        let file = place.file(&format!("fleet-{count}"));
        copies.kubeconfig(count)?.write(&file)?;
        let looked = Self { plugin, place, kubeconfig: file.display().to_string() };
        let told = String::from_utf8_lossy(&place.run(&plugin.path, &looked.args())?.stdout).into_owned();
        let well = told.lines().filter(|line| line.contains(" OK") && line.contains("site-")).count();
        copies.were_asked_what_they_know()?;
        if well == count {
            Ok(looked)
        } else {
            Err(io::Error::other(format!("{well} of {count} are well:\n{told}")))
        }
    }

    fn args(&self) -> [&str; 4] {
        ["status", "--all-contexts", "--kubeconfig", &self.kubeconfig]
    }

    fn time(&self) -> io::Result<std::time::Duration> {
        self.place.time(&self.plugin.path, &self.args())
    }

    fn needed(&self) -> io::Result<Needed> {
        self.place.needed(&self.plugin.path, &self.args())
    }

    fn row(&self, table: &mut Table, count: usize, goal: &str, alone: &Needed) -> io::Result<()> {
        let needed = self.needed()?;
        let beside = format!(
            "{:.2} s of a processor's time, against {:.2} s and {} for one",
            needed.processor,
            alone.processor,
            mebibytes(alone.memory)
        );
        table.row(
            &format!("status of {count} contexts: peak memory"),
            mebibytes(needed.memory),
            goal,
            beside,
        );
        Ok(())
    }
}
