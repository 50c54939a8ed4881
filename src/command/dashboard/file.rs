//! A file is replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Writes a new file beside the old one and lets it take its place: whoever looks, and whenever this ends, there is
/// the one or the other. A link stays a link, and who may read the file is not changed.
pub(super) fn replace(path: &Path, text: &str) -> Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let beside = beside(&path);
    let written = write(&beside, &path, text).and_then(|()| fs::rename(&beside, &path));
    written.map_err(|error| {
        drop(fs::remove_file(&beside));
        Error::failed(format!("{} cannot be written", path.display())).because(error.to_string())
    })
}

fn write(beside: &Path, path: &Path, text: &str) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create(true).truncate(true).open(beside)?;
    if let Ok(old) = fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// In the same folder, as only there a file can take another's place.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.unfinished", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_link_stays_a_link_and_rights_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("a.json"), folder.path().join("b.json"));
        fs::write(&file, "old").expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("rights");
        symlink("a.json", &link).expect("a link");
        replace(&link, "new").expect("written");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "new");
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&file).expect("the file").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 2);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("full")).expect("a folder");
        let error = replace(&taken, "text").expect_err("a folder is no file");
        assert!(error.what.ends_with("taken cannot be written"), "{error}");
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
