//! The kubeconfig files: where they are, and what they say together.

use std::io;
use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::cluster::environment::Environment;
use crate::cluster::options::ConnectOptions;
use crate::error::Error;

/// What the files say together.
pub(super) struct Loaded {
    pub(super) kubeconfig: Kubeconfig,
    /// All places that were looked at.
    pub(super) places: Vec<PathBuf>,
    /// Whether there was a file at any of them.
    pub(super) found: bool,
}

/// Reads and merges, as kubectl merges. Of several files the first that says something wins. No file is no contexts.
///
/// # Errors
///
/// A file that cannot be read or does not parse; a file that was named by `--kubeconfig` and is not there.
pub(super) fn load(options: &ConnectOptions, environment: &Environment) -> Result<Loaded, Error> {
    let places = places(options, environment);
    let mut merged = Kubeconfig::default();
    let mut found = false;
    for place in &places {
        let mut next = match Kubeconfig::read_from(place) {
            Ok(next) => next,
            // kubectl passes over files of KUBECONFIG that are not there, but not over one that was named.
            Err(error) if is_missing(&error) && options.kubeconfig.is_none() => continue,
            Err(error) => return Err(unusable(place, &error)),
        };
        found = true;
        next.current_context = next.current_context.filter(|name| !name.is_empty());
        merged = merged.merge(next).map_err(|error| unusable(place, &error))?;
    }
    Ok(Loaded { kubeconfig: merged, places, found })
}

fn places(options: &ConnectOptions, environment: &Environment) -> Vec<PathBuf> {
    if let Some(file) = &options.kubeconfig {
        return vec![file.clone()];
    }
    let listed = environment.kubeconfig.iter().flat_map(std::env::split_paths);
    let listed: Vec<_> = listed.filter(|path| !path.as_os_str().is_empty()).collect();
    if !listed.is_empty() {
        return listed;
    }
    environment.home.iter().map(|home| home.join(".kube").join("config")).collect()
}

fn is_missing(error: &KubeconfigError) -> bool {
    matches!(error, KubeconfigError::ReadConfig(error, _) if error.kind() == io::ErrorKind::NotFound)
}

fn unusable(place: &Path, error: &KubeconfigError) -> Error {
    let place = place.display();
    match error {
        KubeconfigError::ReadConfig(error, _) if error.kind() == io::ErrorKind::NotFound => {
            Error::usage(format!("the kubeconfig {place} is not there"))
                .hint("name another with --kubeconfig, or leave it out to use KUBECONFIG or ~/.kube/config")
        }
        KubeconfigError::ReadConfig(error, _) => {
            Error::usage(format!("the kubeconfig {place} cannot be read")).because(error.to_string())
        }
        // The parser's own words quote the lines around the fault, and tokens stand on such lines.
        KubeconfigError::Parse(error) => {
            let parsed = Error::usage(format!("the kubeconfig {place} is not a valid kubeconfig"));
            match error.location() {
                Some(at) => parsed.because(format!("line {}, column {}", at.line(), at.column())),
                None => parsed,
            }
        }
        other => Error::usage(format!("the kubeconfig {place} cannot be used")).because(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs;

    use super::*;

    const FIRST: &str = "current-context: ''\ncontexts:\n- {name: a, context: {cluster: one, user: u}}\n";
    const SECOND: &str = "current-context: b\ncontexts:\n- {name: b, context: {cluster: two, user: u}}\n\
                          - {name: a, context: {cluster: other, user: u}}\n";

    fn names(loaded: &Loaded) -> Vec<&str> {
        loaded.kubeconfig.contexts.iter().map(|context| context.name.as_str()).collect()
    }

    fn listing(paths: &[PathBuf]) -> Environment {
        let kubeconfig: OsString = std::env::join_paths(paths).unwrap();
        Environment { kubeconfig: Some(kubeconfig), ..Environment::default() }
    }

    #[test]
    fn several_files_are_merged_and_the_first_to_say_something_wins() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        fs::write(&one, FIRST).unwrap();
        fs::write(&two, SECOND).unwrap();
        let environment = listing(&[one, folder.path().join("missing"), two]);
        let loaded = load(&ConnectOptions::default(), &environment).unwrap();
        assert_eq!((names(&loaded), &loaded.kubeconfig.current_context), (vec!["a", "b"], &Some("b".into())));
        assert_eq!(loaded.kubeconfig.contexts[0].context.as_ref().unwrap().cluster, "one");
    }

    #[test]
    fn a_file_that_is_named_hides_the_others_and_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let listed = folder.path().join("listed");
        fs::write(&listed, FIRST).unwrap();
        let options =
            ConnectOptions { kubeconfig: Some(folder.path().join("missing")), ..ConnectOptions::default() };
        let error = load(&options, &listing(&[listed])).map(drop).unwrap_err();
        assert!(error.what.ends_with("missing is not there"), "{}", error.what);
    }

    #[test]
    fn without_a_variable_the_file_in_the_home_folder_is_read() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join(".kube")).unwrap();
        fs::write(home.path().join(".kube/config"), SECOND).unwrap();
        let environment = Environment { home: Some(home.path().into()), ..Environment::default() };
        assert_eq!(names(&load(&ConnectOptions::default(), &environment).unwrap()), ["b", "a"]);
    }

    #[test]
    fn a_fault_is_located_and_not_quoted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        fs::write(&file, "users:\n- name: u\n  user:\n    token: [hunter2\n").unwrap();
        let loaded = load(&ConnectOptions::default(), &listing(std::slice::from_ref(&file)));
        let error = loaded.map(drop).unwrap_err();
        let lines = error.lines();
        assert!(lines.contains(&*file.to_string_lossy()) && lines.contains("line "), "{lines}");
        assert!(!lines.contains("hunter2"), "{lines}");
    }
}
