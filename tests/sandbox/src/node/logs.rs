//! What the containers of a pod printed: the instance that runs, and the one before it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::api::Instance;

/// How much of a log is kept.
const LIMIT: usize = 512 * 1024;

/// The log of one instance of a container. Cheap to clone: all clones are the same log.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<String>>);

impl Log {
    /// Adds a line; the oldest lines go when there are too many.
    pub(super) fn line(&self, line: &str) {
        let mut text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.push_str(line);
        text.push('\n');
        if text.len() > LIMIT {
            let lines = text.match_indices('\n').map(|(at, _)| at + 1);
            let end = lines.into_iter().find(|end| *end >= LIMIT / 4).unwrap_or(text.len());
            text.drain(..end);
        }
    }

    fn text(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The logs of a pod's containers, by their names.
#[derive(Default)]
pub(super) struct Logs(Mutex<BTreeMap<String, Instances>>);

#[derive(Default)]
struct Instances {
    current: Option<Log>,
    previous: Option<Log>,
}

impl Logs {
    /// Begins the log of a new instance.
    pub(super) fn begin(&self, container: &str) -> Log {
        let log = Log::default();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let instances = all.entry(container.to_owned()).or_default();
        instances.previous = instances.current.replace(log.clone());
        log
    }

    /// The log of an instance; `None` when there was no such instance.
    pub(super) fn read(&self, container: &str, instance: Instance) -> Option<String> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let instances = all.get(container)?;
        let log = match instance {
            Instance::Current => &instances.current,
            Instance::Previous => &instances.previous,
        };
        log.as_ref().map(Log::text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_previous_instance_is_kept() {
        let logs = Logs::default();
        assert_eq!(logs.read("c", Instance::Current), None);
        logs.begin("c").line("one");
        assert_eq!(logs.read("c", Instance::Previous), None);
        logs.begin("c").line("two");
        assert_eq!(logs.read("c", Instance::Previous).as_deref(), Some("one\n"));
        assert_eq!(logs.read("c", Instance::Current).as_deref(), Some("two\n"));
    }

    #[test]
    fn a_log_is_bounded() {
        let log = Log::default();
        (0..20_000).for_each(|number| log.line(&format!("line {number} {}", "x".repeat(40))));
        assert!(log.text().len() <= LIMIT);
        assert!(log.text().starts_with("line ") && log.text().contains("line 19999 "));
    }
}
