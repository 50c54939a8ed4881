//! What an agent writes, to its own cluster and to the hub, in bad weather.

use promfed_sandbox::faults::Effect;

use super::agent_killed::{SITES, federation, join, leave, member, name, theirs};
use super::kill::{run, writes};
use super::settled;
use super::weather::{DONE, LIMIT, is_told, struck, weathers};
use crate::support::{Rig, say};

/// Every write of a command in two ways: one that is not carried out, and one of which nobody knows.
fn bears(what: &str, before: fn(&Rig, &str), command: fn(&str) -> Vec<String>) {
    let rig = &federation(SITES);
    let ready = |number: usize| {
        let site = name(number);
        before(rig, &site);
        settled(rig, &site);
        site
    };
    let quiet = ready(0);
    let (all, calm) = writes(rig, &strs(&command(&quiet)));
    calm.ends_with(0);
    let weathers = weathers();
    let (mut cells, mut wrong) = (0, Vec::new());
    for (at, write) in all.iter().enumerate() {
        for effect in [weathers[(at * 5) % weathers.len()].clone(), Effect::ResetAfter(0)] {
            cells += 1;
            assert!(cells < SITES, "{what}: it writes more than was thought");
            let site = ready(cells);
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
    say(&format!("{what}: {cells} cells"));
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
