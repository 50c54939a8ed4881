//! A command that is killed at one of its writes.

use std::fmt;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use promfed_sandbox::faults::{Effect, Fault, Share};

use super::{Extent, extent};
use crate::support::{Ran, Rig};

/// One write of an undisturbed run: which one of which cluster.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) cluster: String,
    number: u32,
    what: String,
}

/// Whether the write of a killed command is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

/// The moments at which a write is the last: one of the two in turn, or both.
pub(super) fn moments(number: usize) -> Vec<Moment> {
    let both = [Moment::Before, Moment::After];
    match extent() {
        Extent::Everything => both.to_vec(),
        Extent::InTurn => vec![both[number % 2]],
    }
}

impl Write {
    /// Something that happens to it.
    pub(super) fn meets(&self, effect: Effect) -> Fault {
        Fault::on("*", effect).of_people(Share::Writes).after(self.number).next(1)
    }

    /// The same of another cluster.
    pub(super) fn at(&self, cluster: &str) -> Self {
        Self { cluster: cluster.to_owned(), ..self.clone() }
    }
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "write {} on {} ({})", self.number + 1, self.cluster, self.what)
    }
}

/// Runs a command to its end, and tells of its writes in their order.
pub(super) fn writes(rig: &Rig, args: &[&str]) -> (Vec<Write>, Ran) {
    let clusters = rig.sandbox().clusters();
    for cluster in clusters {
        cluster.api.journal.reset();
    }
    let ran = rig.plugin(args).output().map(Ran::from).expect("a command");
    let mut all: Vec<(u64, Write)> = Vec::new();
    for cluster in clusters {
        let records = cluster
            .api
            .journal
            .matching(|record| record.line().is_of_a_person() && record.line().is_a_write());
        for (record, number) in records.into_iter().zip(0..) {
            let path = record.path.split('?').next().unwrap_or_default();
            let what = format!("{} {path}", record.method);
            all.push((record.arrived, Write { cluster: cluster.name.clone(), number, what }));
        }
    }
    all.sort_by_key(|(arrived, _)| *arrived);
    (all.into_iter().map(|(_, write)| write).collect(), ran)
}

/// Runs a command, and kills it when it comes to a write. Whether it came to it: what is written again because
/// somebody else was faster depends on who that is.
pub(super) fn killed(rig: &Rig, args: &[&str], write: &Write, moment: Moment) -> bool {
    let effect = match moment {
        Moment::Before => Effect::Hang,
        Moment::After => Effect::Unanswered,
    };
    let faults = &rig.sandbox().cluster(&write.cluster).expect("a cluster").api.faults;
    faults.inject(write.meets(effect));
    let mut command = rig.plugin(args);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a command");
    let give_up = Instant::now() + Duration::from_secs(60);
    let came = loop {
        if faults.held() > 0 {
            break true;
        }
        if child.try_wait().expect("a child").is_some() {
            break false;
        }
        assert!(Instant::now() < give_up, "{write}: neither there nor at the end after a minute");
        sleep(Duration::from_millis(2));
    };
    child.kill().ok();
    child.wait().expect("a child that ends");
    faults.clear();
    came
}

/// Runs a command to its end.
pub(super) fn run(rig: &Rig, args: &[&str]) -> Ran {
    rig.plugin(args).output().map(Ran::from).expect("a command")
}

/// Looks until two states are the same; `None` when they get it, what differs when they do not.
pub(super) fn until_same(mut differs: impl FnMut() -> String) -> Option<String> {
    let give_up = Instant::now() + Duration::from_secs(10);
    loop {
        let found = differs();
        if found.is_empty() {
            return None;
        }
        if Instant::now() > give_up {
            return Some(found);
        }
        sleep(Duration::from_millis(20));
    }
}
