//! Files that are named on the command line; `-` is stdin.

use std::fs;
use std::io::{Read as _, stdin};
use std::path::Path;

use crate::error::{Error, Result};

/// The text of a file, or of stdin.
pub(super) fn read(path: &Path) -> Result<String> {
    let read = if is_stdin(path) {
        let mut text = String::new();
        stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    read.map_err(|error| {
        Error::usage(format!("{} cannot be read", path.display())).because(error.to_string())
    })
}

/// Whether stdin is meant.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
