//! Where a fleet file is read from.

use std::io::Read as _;
use std::path::Path;

use crate::error::{Error, Result};
use crate::fleet_file::{self, Declared, FleetFile};

/// The file of this name; `-` is stdin. What it names is looked for in its own folder.
pub(in crate::command) fn read(path: &Path) -> Result<FleetFile> {
    let unreadable = |error: std::io::Error| {
        Error::usage(format!("the fleet file {} cannot be read", path.display())).because(error.to_string())
    };
    let (text, folder) = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        (text, Path::new(""))
    } else {
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        (text, path.parent().unwrap_or(Path::new("")))
    };
    fleet_file::read(&text, folder)
        .map_err(|error| error.during(format!("the fleet file {} cannot be used", path.display())))
}

/// The contexts that a file declares, the hub's first.
pub(in crate::command) fn contexts(path: &Path) -> Result<Vec<String>> {
    let file = read(path)?;
    let hub = file.hub.iter().map(Declared::context);
    Ok(hub.chain(file.agents.iter().map(Declared::context)).map(str::to_owned).collect())
}
