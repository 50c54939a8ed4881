//! Requests that fail in every way, under every command: what comes is the result or one clear error, in time.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use promfed_sandbox::api::status::Failure;
use promfed_sandbox::faults::{Effect, Fault, Share};
use promfed_sandbox::journal::Record;

use super::kill::{run, writes};
use super::{Extent, V3, cluster, extent, idle, install_theirs, open};
use crate::support::{HUB_INIT, Ran, Rig, eventually, say};

/// The commands that write nothing.
const READING: [&str; 18] = [
    "status --contexts admin@hub,admin@edge",
    "status --context admin@edge",
    "hub status --context admin@hub",
    "agent status --context admin@edge",
    "flags --context admin@hub",
    "clusters --context admin@hub",
    "check --contexts admin@hub,admin@edge",
    "check --pre --context admin@edge",
    "query up --context admin@hub",
    "rules --context admin@hub",
    "history --context admin@edge",
    "hub credentials list --context admin@hub",
    "diff agent join --context admin@edge --hub-context admin@hub --cluster-name edge",
    "diff hub init --context admin@hub --cluster-name hub --retention 30d",
    "agent join --context admin@edge --hub-context admin@hub --cluster-name edge --dry-run=server",
    "agent leave --context admin@edge --hub-context admin@hub --dry-run --yes",
    "explain PF101",
    "version --context admin@hub",
];

/// What there is before: a hub in which nothing runs, but for the one that is checked.
type Start = fn() -> Rig;

/// The commands that write, with what there is before.
const WRITING: [(&str, Start); 9] = [
    ("hub init --context admin@hub --cluster-name hub --fqdn prometheus.hub.test --yes --wait=false", empty),
    ("hub init --context admin@hub --cluster-name hub --fqdn prometheus.hub.test --yes --wait=false", theirs),
    ("hub init --undo --context admin@hub --yes --force --wait=false", patched),
    ("rollback 1 --context admin@hub --yes --force --wait=false", patched),
    ("hub credentials create edge --context admin@hub --join-file FILE", installed),
    ("hub credentials rotate edge --context admin@hub --join-file FILE", known),
    ("hub credentials revoke edge --context admin@hub --yes", known),
    ("hub init --context admin@hub --cluster-name hub --auth none --yes --wait=false", patched),
    ("check --context admin@hub --fix --yes", open),
];

fn empty() -> Rig {
    idle(&["hub"])
}

fn theirs() -> Rig {
    let rig = idle(&["hub"]);
    install_theirs(&rig, "hub", V3);
    rig
}

fn patched() -> Rig {
    let rig = theirs();
    init(&rig);
    rig
}

fn installed() -> Rig {
    let rig = idle(&["hub"]);
    init(&rig);
    rig
}

fn known() -> Rig {
    let rig = installed();
    let file = rig.kubeconfig().with_file_name("first.join").display().to_string();
    run(&rig, &["hub", "credentials", "create", "edge", "--context", "admin@hub", "--join-file", &file])
        .ends_with(0);
    rig
}

fn init(rig: &Rig) {
    run(rig, &words(WRITING[0].0)).ends_with(0);
}

/// Everything that a request can meet. What is slow is slower than the request timeout of these commands.
pub(super) fn weathers() -> Vec<Effect> {
    let answer = |code| Effect::Answer(Failure::code(code));
    vec![
        Effect::Reset,
        answer(500),
        Effect::Truncate(20),
        Effect::Refuse,
        answer(401),
        Effect::ResetAfter(20),
        answer(403),
        Effect::Redirect("https://127.0.0.1:1/elsewhere".to_owned()),
        answer(503),
        Effect::Answer(Failure::too_many_requests(1)),
        answer(409),
        answer(410),
        Effect::Delay(Duration::from_millis(2500)),
    ]
}

/// What a write meets: one thing after another in turn, every second time one after which nobody knows whether it
/// happened; or everything.
pub(super) fn fates(turn: usize) -> Vec<Effect> {
    let (all, unknown) = (weathers(), Effect::ResetAfter(0));
    match extent() {
        Extent::Everything => all.into_iter().chain([unknown]).collect(),
        Extent::InTurn if turn.is_multiple_of(2) => vec![all[turn / 2 % all.len()].clone()],
        Extent::InTurn => vec![unknown],
    }
}

/// What a second run says where the first one was done but for its answer.
pub(super) const DONE: [&str; 3] = ["nothing to leave", "no Prometheus package", "no certificate"];

/// A command is given this time for one request.
pub(super) const LIMIT: &str = "--request-timeout=2s";

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// The same in bad weather.
fn hurried(line: &str) -> Vec<&str> {
    line.split(' ').chain([LIMIT]).collect()
}

/// It is the result, or one clear error; neither a panic nor silence.
fn is_clear(ran: &Ran, took: Duration) -> Result<(), &'static str> {
    let has_error = ran.stderr.lines().any(|line| line.starts_with("error: ") && line.len() > 12);
    match ran.code {
        _ if ran.stderr.contains("panicked") => Err("it panics"),
        _ if took > Duration::from_secs(40) => Err("it takes too long"),
        0 if ran.stdout.is_empty() => Err("success without a word"),
        0 => Ok(()),
        1..=3 if has_error || !ran.stdout.trim().is_empty() => Ok(()),
        1..=3 => Err("a failure without a word"),
        _ => Err("an exit code that is not documented"),
    }
}

/// The same of a command that writes: what it wrote before it failed is told.
pub(super) fn is_told(rig: &Rig, ran: &Ran, took: Duration) -> Result<(), &'static str> {
    is_clear(ran, took)?;
    let count = |is_counted: fn(&Record) -> bool| {
        rig.sandbox().clusters().iter().map(|cluster| cluster.api.journal.matching(is_counted).len()).sum()
    };
    // A revision whose change is not written is taken away again: two writes that leave nothing.
    let made: usize = count(|record| record.method == "POST" && record.path.contains("/secrets"));
    let gone: usize = count(|record| record.method == "DELETE" && record.path.contains(".promfed.v"));
    let unwound = u64::try_from(2 * made.min(gone)).expect("few writes");
    let tells = ["written before that", "is not known", "--join-file"];
    if ran.code == 0 || rig.writes() <= unwound || tells.iter().any(|words| ran.stderr.contains(words)) {
        Ok(())
    } else {
        Err("a write that is not told")
    }
}

/// Runs a command under a fault. The journals tell of this run alone.
pub(super) fn struck(rig: &Rig, args: &[&str], at: &str, fault: Fault) -> (Ran, Duration) {
    for cluster in rig.sandbox().clusters() {
        cluster.api.journal.reset();
    }
    let faults = &cluster(rig, at).api.faults;
    faults.inject(fault);
    let begun = Instant::now();
    let ran = run(rig, args);
    let took = begun.elapsed();
    faults.clear();
    let url = cluster(rig, at).url.trim_start_matches("https://").to_owned();
    eventually("the API server listens again", || TcpStream::connect(&*url).is_ok());
    (ran, took)
}

/// The resource of a request, or its path where it is none.
fn resource(record: &Record) -> String {
    let path = record.path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    match parts.iter().position(|part| *part == "namespaces") {
        Some(at) if parts.len() > at + 2 => format!("/{}", parts[at + 2]),
        _ => path.to_owned(),
    }
}

#[test]
fn reading_in_bad_weather() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let join = "agent join --context admin@edge --hub-context admin@hub --cluster-name edge";
    rig.promfed(&join.split(' ').collect::<Vec<_>>()).ends_with(0);
    let weathers = weathers();
    let (mut cells, mut wrong) = (0, Vec::new());
    for (number, line) in READING.iter().enumerate() {
        let args = words(line);
        for name in ["hub", "edge"] {
            cluster(&rig, name).api.journal.reset();
        }
        let calm = run(&rig, &args);
        assert!(calm.code <= 1 && !calm.stderr.contains("error:"), "{line}: {calm}");
        for (side, name) in ["hub", "edge"].into_iter().enumerate() {
            let seen = cluster(&rig, name).api.journal.matching(|record| record.line().is_of_a_person());
            let places: BTreeSet<String> = seen.iter().map(resource).collect();
            if seen.is_empty() {
                continue;
            }
            // Every weather once, at one of the clusters, at one request or at all of one resource; over the commands it
            // comes to each of them.
            let cell = |(at, weather): (usize, &Effect)| {
                let turn = at + number;
                if (turn / 2).is_multiple_of(2) {
                    let spared = u32::try_from(turn % seen.len()).expect("few requests");
                    (weather.clone(), "*".to_owned(), Some(spared))
                } else {
                    let place = places.iter().nth(turn % places.len()).expect("a resource");
                    (weather.clone(), place.clone(), None)
                }
            };
            let here = weathers.iter().enumerate().filter(|(at, _)| (at + number) % 2 == side);
            for (effect, place, spared) in here.map(cell).collect::<Vec<_>>() {
                let fault = Fault::on(&place, effect.clone()).of_people(Share::All);
                let fault = spared.map_or(fault.clone(), |spared| fault.after(spared).next(1));
                let (ran, took) = struck(&rig, &hurried(line), name, fault);
                cells += 1;
                assert_eq!(rig.writes(), 0, "{line} reads, and wrote something: {ran}");
                if let Err(why) = is_clear(&ran, took) {
                    wrong.push(format!("{line}: {why}, {effect:?} at {place} {spared:?} on {name}: {ran}"));
                }
            }
        }
    }
    say(&format!("{} reading commands, {cells} cells", READING.len()));
    for line in &wrong {
        say(line);
    }
    assert!(wrong.is_empty(), "{} cells are not clear, told above", wrong.len());
}

#[test]
fn writing_in_bad_weather() {
    let (mut cells, mut wrong) = (0, Vec::new());
    for (number, (line, start)) in WRITING.iter().enumerate() {
        let fresh = || {
            let rig = start();
            let file = rig.kubeconfig().with_file_name("edge.join").display().to_string();
            (rig, line.replace("FILE", &file))
        };
        let (rig, own) = fresh();
        let (all, calm) = writes(&rig, &words(&own));
        calm.ends_with(0);
        assert!(!all.is_empty(), "{line}: it writes nothing");
        for (at, write) in all.iter().enumerate() {
            for effect in fates(at * 5 + number) {
                let (rig, own) = fresh();
                let (ran, took) = struck(&rig, &hurried(&own), "hub", write.meets(effect.clone()));
                cells += 1;
                let clear = is_told(&rig, &ran, took);
                let told = format!("{line}: {effect:?} at write {at}");
                if let Err(why) = clear {
                    wrong.push(format!("{told}: {why}: {ran}"));
                }
                if ran.code != 0 {
                    let again = run(&rig, &words(&own));
                    if again.code != 0 && !DONE.iter().any(|words| again.stderr.contains(words)) {
                        wrong.push(format!("{told}: and a second run fails: {again}\nafter: {ran}"));
                    }
                }
            }
        }
    }
    say(&format!("{} writing commands, {cells} cells", WRITING.len()));
    for line in &wrong {
        say(line);
    }
    assert!(wrong.is_empty(), "{} cells are not clear, told above", wrong.len());
}
