//! What an agent writes, to its own cluster and to the hub, in bad weather.

use super::agent_killed::{SITES, federation, join, leave, member, name, theirs};
use super::kill::{Write, run, writes};
use super::settled;
use super::weather::{DONE, LIMIT, fates, is_told, struck};
use crate::support::{Rig, say};

/// Every write of a command meets something; each time another cluster joins or leaves.
fn bears(what: &str, before: fn(&Rig, &str), command: fn(&str) -> Vec<String>) {
    let ready = |rig: &Rig, number: usize| {
        let site = name(number);
        before(rig, &site);
        settled(rig, &site);
        site
    };
    let rig = federation(1);
    let quiet = ready(&rig, 0);
    let (all, calm) = writes(&rig, &strs(&command(&quiet)));
    calm.ends_with(0);
    let each = |(at, write): (usize, &Write)| {
        fates(at * 5).into_iter().map(|effect| (write.clone(), effect)).collect::<Vec<_>>()
    };
    let cells: Vec<_> = all.iter().enumerate().flat_map(each).collect();
    let mut wrong = Vec::new();
    for some in cells.chunks(SITES) {
        let rig = &federation(some.len());
        for (number, (write, effect)) in some.iter().enumerate() {
            let site = ready(rig, number);
            let place = if write.cluster == quiet { site.as_str() } else { &write.cluster };
            let line = command(&site);
            let hurried = [&strs(&line)[..], &[LIMIT]].concat();
            let (ran, took) = struck(rig, &hurried, place, write.meets(effect.clone()));
            let told = format!("{what}: {effect:?} at {write}");
            if let Err(why) = is_told(rig, &ran, took) {
                wrong.push(format!("{told}: {why}: {ran}"));
            }
            if ran.code != 0 {
                let again = run(rig, &strs(&line));
                if again.code != 0 && !DONE.iter().any(|words| again.stderr.contains(words)) {
                    wrong.push(format!("{told}: and a second run fails: {again}\nafter: {ran}"));
                }
            }
        }
    }
    say(&format!("{what}: {} cells", cells.len()));
    for line in &wrong {
        say(line);
    }
    assert!(wrong.is_empty(), "{what}: {} cells are not clear, told above", wrong.len());
}

fn strs(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn joining_and_leaving_in_bad_weather() {
    bears("agent join", theirs, join);
    bears("agent leave", member, leave);
}
