//! An edit of a large text costs as much more as the text is larger, whatever shape the text has.

use std::time::Duration;

use promfed::yaml::{Edit, Path, edit};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// How much larger the large text is than the small one.
const LARGER: usize = 8;

/// How much more its edit may cost: four times what its size accounts for. Work by pairs of lines would cost 64 times.
const MORE: u32 = 32;

/// A text and its edits, of a size.
type Sized = (String, Vec<Edit>);

/// The processor's time of this thread: others on the same machine do not count.
fn cost(work: impl FnOnce()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).expect("below a second"))
    };
    let start = now();
    work();
    now().saturating_sub(start)
}

/// Holds the edit of a text of `size` parts against one of an eighth of them.
#[track_caller]
fn grows_with_its_text(size: usize, of: impl Fn(usize) -> Sized) {
    let [small, large] = [of(size / LARGER), of(size)];
    let edited = |(text, edits): &Sized| cost(|| drop(edit(text, edits).expect("an edit")));
    // In turn, so that a slow moment of the machine meets both; the least is what the work takes.
    let rounds: Vec<_> = (0..3).map(|_| (edited(&small), edited(&large))).collect();
    let [of_small, of_large] =
        [rounds.iter().map(|pair| pair.0).min(), rounds.iter().map(|pair| pair.1).min()]
            .map(Option::unwrap_or_default);
    let (bytes, of_bytes) = (large.0.len(), small.0.len());
    assert!(
        of_large < of_small * MORE,
        "{bytes} bytes took {of_large:?}, {of_bytes} bytes {of_small:?}: more than {MORE} times that"
    );
}

fn set(keys: &[&str], value: Value) -> Edit {
    Edit::Set { path: Path::of(keys.iter().copied()), value }
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn many_keys_in_one_mapping() {
    grows_with_its_text(20_000, |size| {
        (lines(size, |at| format!("key-{at}: value # {at}\n")), vec![set(&["new"], json!(1))])
    });
}

#[test]
fn many_items_and_nested_mappings() {
    grows_with_its_text(8000, |size| {
        let text = lines(size, |at| format!("- name: {at}\n  labels: {{a: b}}\n  list:\n  - x\n"));
        let path = Path::default().index(size - 1).key("list");
        (text, vec![Edit::Append { path, item: json!("y") }])
    });
}

#[test]
fn many_edits_at_once() {
    grows_with_its_text(4000, |size| {
        let text = lines(size, |at| format!("- name: {at}\n  list:\n  - x\n"));
        let rules = |at: usize| Path::default().index(at * 20).key("rules");
        let of_one = |at| {
            let [first, second] = ["y", "z"].map(|item| Edit::Append { path: rules(at), item: json!(item) });
            [first, second]
        };
        (text, (0..size / 20).flat_map(of_one).collect())
    });
}

#[test]
fn one_long_flow() {
    grows_with_its_text(40_000, |size| {
        let items: Vec<_> = (0..size).map(|at| format!("{{n: {at}}}")).collect();
        let text = format!("l: [{}]\n", items.join(", "));
        (text, vec![Edit::Append { path: Path::of(["l"]), item: json!("y") }])
    });
}

#[test]
fn one_long_line() {
    grows_with_its_text(200_000, |size| {
        let text = format!("a: \"{}\"\n", "x\\n".repeat(size));
        (text, vec![set(&["a"], json!(format!("{}y\n", "x\n".repeat(size))))])
    });
}

fn a_block(size: usize, new: impl Fn(&str) -> String) -> Sized {
    let inner = lines(size, |at| format!("- job: {at}\n"));
    let text = format!("a:\n  b: |\n{}", lines(size, |at| format!("    - job: {at}\n")));
    (text, vec![set(&["a", "b"], json!(new(&inner)))])
}

#[test]
fn one_line_of_a_long_block() {
    grows_with_its_text(80_000, |size| {
        a_block(size, |inner| inner.replace("job: 5000\n", "job: 5000\n  more: 1\n"))
    });
}

#[test]
fn every_line_of_a_long_block() {
    grows_with_its_text(80_000, |size| a_block(size, |inner| inner.replace("job", "other")));
}

#[test]
fn comments_between() {
    grows_with_its_text(5000, |size| {
        let text = lines(size, |at| format!("k{at}: [a, # {}\n  b]\n", "c".repeat(100)));
        (text, vec![Edit::Append { path: Path::of([format!("k{}", size - 1).as_str()]), item: json!("d") }])
    });
}
