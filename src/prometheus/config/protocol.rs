//! Which remote write an agent speaks: 1.0, which every hub takes, or 2.0, which costs less than half of its bytes and
//! does not lose a whole batch for one bad sample.

use serde_json::Value;

use crate::domain::WriteUrl;
use crate::prometheus::Capabilities;
use crate::yaml::Edit;

/// `protobuf_message` of remote write 1.0, the default of every version.
const MESSAGE_1: &str = "prometheus.WriteRequest";
/// `protobuf_message` of remote write 2.0.
pub const MESSAGE_2: &str = "io.prometheus.write.v2.Request";
/// The flag by which a hub says what it takes; without it, all that its version knows.
pub const ACCEPTED: &str = "web.remote-write-receiver.accepted-protobuf-messages";

/// A version of remote write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteWriteVersion {
    One,
    Two,
}

/// What an entry is to speak.
///
/// An entry that is there is a queue that may hold samples, and any change of it makes a new queue: so one that
/// speaks what its hub takes stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// What it speaks so far, as long as it writes to the same place; else 1.0.
    #[default]
    Kept,
    /// What it speaks so far, and 2.0 for a new entry of an agent that has it.
    Newest,
    /// Not 2.0: the hub stores nothing of it.
    NotTwo,
    /// What the user said.
    Said(RemoteWriteVersion),
}

impl Protocol {
    /// What to speak to a hub: what it can, where that is known, and the value of its flag [`ACCEPTED`]. `Err` where the
    /// user said what it does not take.
    pub fn with_hub(
        said: Option<RemoteWriteVersion>,
        hub: Option<Capabilities>,
        accepted: Option<&str>,
    ) -> Result<Self, Capabilities> {
        let takes_two = |hub: Capabilities| {
            let accepted = accepted.unwrap_or_default();
            hub.remote_write_2()
                && (accepted.is_empty() || accepted.split(',').any(|message| message == MESSAGE_2))
        };
        match (said, hub) {
            (Some(RemoteWriteVersion::Two), Some(hub)) if !takes_two(hub) => Err(hub),
            (Some(version), _) => Ok(Self::Said(version)),
            (None, Some(hub)) if !takes_two(hub) => Ok(Self::NotTwo),
            (None, Some(hub)) if hub.remote_write_2_is_settled() => Ok(Self::Newest),
            (None, _) => Ok(Self::Kept),
        }
    }

    /// What `protobuf_message` of the entry is to say, where it is to say something.
    pub(super) fn message(self, entry: &Value, agent: Capabilities) -> Option<&'static str> {
        match self {
            Self::Said(RemoteWriteVersion::Two) => Some(MESSAGE_2),
            Self::Said(RemoteWriteVersion::One) => agent.remote_write_2().then_some(MESSAGE_1),
            Self::Newest if entry.is_null() => agent.remote_write_2_is_settled().then_some(MESSAGE_2),
            Self::Newest | Self::Kept | Self::NotTwo => None,
        }
    }

    /// Whether the entry speaks 2.0 and is to say nothing, and so to speak 1.0.
    pub(super) fn is_unsaid(self, entry: &Value, url: &WriteUrl) -> bool {
        entry["protobuf_message"] == MESSAGE_2
            && match self {
                Self::NotTwo => true,
                Self::Kept => entry["url"] != url.as_str(),
                Self::Newest | Self::Said(_) => false,
            }
    }
}

/// Whether edits of an entry make it speak 2.0.
pub fn speak_two(edits: &[Edit]) -> bool {
    edits.iter().any(|edit| match edit {
        Edit::Set { value, .. } => value == MESSAGE_2,
        Edit::Append { item, .. } => item["protobuf_message"] == MESSAGE_2,
        Edit::Remove { .. } => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Version;
    use crate::prometheus::config::{RemoteWrite, Trust, remote_write_edits};
    use crate::yaml::{edit, read};

    const SAID_2: Protocol = Protocol::Said(RemoteWriteVersion::Two);

    fn of(version: (u32, u32, u32)) -> Capabilities {
        Capabilities::of(Version::new(version.0, version.1, version.2))
    }

    /// The configuration after joining.
    fn joined(config: &str, protocol: Protocol, agent: (u32, u32, u32)) -> String {
        let url = "https://hub.example.com/api/v1/write".parse().expect("a URL");
        let wanted = RemoteWrite { protocol, ..RemoteWrite::new(url, Trust::System) };
        edit(config, &remote_write_edits(&read(config).expect("YAML"), &wanted, of(agent))).expect("edits")
    }

    /// What its entry speaks after joining.
    fn speaks(config: &str, protocol: Protocol, agent: (u32, u32, u32)) -> String {
        let entry = &read(&joined(config, protocol, agent)).expect("YAML")["remote_write"][0];
        entry["protobuf_message"].as_str().unwrap_or("nothing said").to_owned()
    }

    #[test]
    fn what_to_speak_is_known_by_the_hub() {
        let hub = |version, accepted| Protocol::with_hub(None, Some(of(version)), accepted);
        assert_eq!(hub((2, 53, 0), None), Ok(Protocol::NotTwo));
        assert_eq!(hub((3, 4, 0), None), Ok(Protocol::Kept));
        assert_eq!(hub((3, 5, 0), None), Ok(Protocol::Newest));
        assert_eq!(hub((3, 5, 0), Some("prometheus.WriteRequest")), Ok(Protocol::NotTwo));
        let both = format!("{MESSAGE_1},{MESSAGE_2}");
        assert_eq!(hub((3, 5, 0), Some(&both)), Ok(Protocol::Newest));
        // It answers with wrong numbers.
        assert_eq!(hub((3, 8, 0), None), Ok(Protocol::Kept));
        assert_eq!(Protocol::with_hub(None, None, None), Ok(Protocol::Kept));
    }

    #[test]
    fn what_the_hub_cannot_take_is_not_said() {
        let two = Some(RemoteWriteVersion::Two);
        assert_eq!(Protocol::with_hub(two, Some(of((2, 53, 0))), None), Err(of((2, 53, 0))));
        assert_eq!(Protocol::with_hub(two, Some(of((2, 54, 0))), None), Ok(SAID_2));
        assert_eq!(Protocol::with_hub(two, None, None), Ok(SAID_2));
    }

    #[test]
    fn a_new_entry_speaks_2_0_where_both_ends_do() {
        assert_eq!(speaks("", Protocol::Newest, (3, 5, 0)), MESSAGE_2);
        for (protocol, agent) in [
            (Protocol::Newest, (3, 4, 0)),
            (Protocol::Newest, (3, 8, 0)),
            (Protocol::Kept, (3, 5, 0)),
            (Protocol::NotTwo, (3, 5, 0)),
        ] {
            assert_eq!(speaks("", protocol, agent), "nothing said", "{protocol:?} {agent:?}");
        }
    }

    #[test]
    fn a_queue_that_is_there_speaks_on_unless_the_hub_does_not_understand() {
        let one = joined("", Protocol::Kept, (3, 5, 0));
        let two = joined("", SAID_2, (3, 5, 0));
        for protocol in [Protocol::Newest, Protocol::Kept] {
            assert_eq!(speaks(&one, protocol, (3, 5, 0)), "nothing said", "{protocol:?}");
            assert_eq!(speaks(&two, protocol, (3, 5, 0)), MESSAGE_2, "{protocol:?}");
        }
        assert_eq!(speaks(&two, Protocol::NotTwo, (3, 5, 0)), "nothing said");
        let elsewhere = two.replace("hub.example.com", "other.example.com");
        assert_eq!(speaks(&elsewhere, Protocol::Kept, (3, 5, 0)), "nothing said");
        assert_eq!(speaks(&elsewhere, Protocol::Newest, (3, 5, 0)), MESSAGE_2);
    }

    #[test]
    fn a_queue_that_was_told_to_speak_1_0_is_left_alone() {
        let told = joined("", Protocol::Said(RemoteWriteVersion::One), (3, 5, 0));
        for protocol in [Protocol::NotTwo, Protocol::Kept, Protocol::Newest] {
            assert_eq!(joined(&told, protocol, (3, 5, 0)), told, "{protocol:?}");
        }
    }

    #[test]
    fn what_the_user_says_is_spoken() {
        assert_eq!(speaks("", SAID_2, (2, 54, 0)), MESSAGE_2);
        let one = Protocol::Said(RemoteWriteVersion::One);
        assert_eq!(speaks("", one, (3, 5, 0)), MESSAGE_1);
        // There is nothing else, and no such field.
        assert_eq!(speaks("", one, (2, 53, 0)), "nothing said");
    }
}
