//! Where a fleet file is read from.

use std::path::Path;

use crate::command::input;
use crate::error::Result;
use crate::fleet_file::{self, Declared, FleetFile};

/// The file of this name; `-` is stdin. What it names is looked for in its own folder.
pub(in crate::command) fn read(path: &Path) -> Result<FleetFile> {
    let text = input::read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    fleet_file::read(&text, folder)
        .map_err(|error| error.during(format!("the fleet file {} cannot be used", path.display())))
}

/// The contexts that a file declares, the hub's first.
pub(in crate::command) fn contexts(path: &Path) -> Result<Vec<String>> {
    let file = read(path)?;
    let hub = file.hub.iter().map(Declared::context);
    Ok(hub.chain(file.agents.iter().map(Declared::context)).map(str::to_owned).collect())
}
