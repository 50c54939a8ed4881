//! The last words of a container.

use super::address;
use super::connect::Cluster;
use super::failure::{Cause, Failure};
use super::read::asked;
use super::request::Call;
use super::resource::{LOG, POD};

/// The most that is read of a log, in bytes, however long its lines are.
const MOST: &str = "262144";

/// Which run of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// The one that runs, or ran last.
    Current,
    /// The one before, which ended.
    Previous,
}

impl Cluster {
    /// The last lines of a container's log, or `None` where there is no such pod, container or run.
    pub async fn logs(
        &self,
        namespace: &str,
        pod: &str,
        container: &str,
        instance: Instance,
        tail: u32,
    ) -> Result<Option<String>, Failure> {
        let tail = tail.to_string();
        let previous = match instance {
            Instance::Current => "false",
            Instance::Previous => "true",
        };
        let query =
            [("container", container), ("previous", previous), ("tailLines", &tail), ("limitBytes", MOST)];
        let path = format!("{}/{LOG}", address::object(&POD, Some(namespace), pod));
        let mut asked = asked("get", &POD, Some(namespace), Some(pod));
        asked.resource = format!("{POD}/{LOG}");
        let call = Call::get(asked, address::with_query(&path, &query));
        match self.ask(&call).await {
            Ok(answer) => Ok(Some(String::from_utf8_lossy(&answer.body).into_owned())),
            // 400 is how the server says that the container has not started, or has no run before this one.
            Err(Failure { cause: Cause::NotFound(_) | Cause::Status { code: 400, .. }, .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}
