//! Starting: what a command costs that asks nobody.

use std::io;
use std::path::Path;

use crate::Plugin;
use crate::measure::paired;
use crate::program::{Place, mebibytes};
use crate::table::Table;

const PAIRS: usize = 31;
const KUBECTL: [&str; 2] = ["version", "--client"];

pub(crate) fn measure(plugin: &Plugin, table: &mut Table) -> io::Result<()> {
    let place = Place::nowhere()?;
    let kubectl = || place.time("kubectl", &KUBECTL);
    for args in [&["--help"][..], &KUBECTL] {
        let pair = paired(PAIRS, || place.time(&plugin.path, args), kubectl)?;
        let what = format!("start: {} : kubectl version --client", args.join(" "));
        table.row(&what, pair.figure(), "below 1x", pair.beside());
    }
    let (own, theirs) = (place.needed(&plugin.path, &KUBECTL)?, place.needed("kubectl", &KUBECTL)?);
    let figure = format!("{:.2}x", ratio(own.memory, theirs.memory));
    let beside = format!("{} against {}", mebibytes(own.memory), mebibytes(theirs.memory));
    table.row("start: peak memory : kubectl's", figure, "below 1x", beside);
    let kubectl = place.succeed("sh", &["-c", "readlink -f $(command -v kubectl)"])?;
    let sizes = [plugin.path.as_path(), Path::new(kubectl.trim())]
        .map(|path| path.metadata().map(|file| file.len() / 1024));
    let [own, theirs] = sizes;
    let (own, theirs) = (own?, theirs?);
    let beside = format!("{} against {}", mebibytes(own), mebibytes(theirs));
    table.row(
        "start: size of the binary : kubectl's",
        format!("{:.2}x", ratio(own, theirs)),
        "below 1x",
        beside,
    );
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "sizes of files and of memory are small enough")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}
