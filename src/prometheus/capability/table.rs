//! What a version can do, one line for each thing, and where that is known from.

use super::span::{Span, between, since, until};

/// Something that only some versions can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capability {
    ReceiverByName,
    ReceiverByFlag,
    AgentByName,
    AgentByFlag,
    InlineTls,
    SendsExemplars,
    ReceivesExemplars,
    RetriesOn429,
    TodaysQueue,
    OutOfOrderWindow,
    OutOfOrderInAgent,
    TooOldIsRefused,
    RemoteWrite2,
    RemoteWrite2Settled,
    AgentNeedsRemoteWrite,
    AlertmanagerV1,
    SampleAgeIsSound,
    NativeHistogramsByName,
    NativeHistogramsReceived,
    FutureIsRefused,
    RepeatedLabelIsSkipped,
    ExpandsByName,
    ExpandsAlways,
    Utf8Names,
}

use Capability as C;

/// A number is a change in the Prometheus repository, by the release notes of the first version or the one after the
/// last; a file was read at that version's tag.
pub(super) const TABLE: &[(Capability, Span, &str)] = &[
    // `--enable-feature=remote-write-receiver`. Known until 2.55, with a warning from 2.33 on.
    (C::ReceiverByName, between((2, 25), (2, 55)), "#8424; gone: #14526"),
    // `--web.enable-remote-write-receiver`, in both modes.
    (C::ReceiverByFlag, since(2, 33), "#10119"),
    // `--enable-feature=agent`. From 3.0 on the name is ignored with a warning, and the process is a server.
    (C::AgentByName, between((2, 32), (2, 55)), "#8785; gone: #14747"),
    // `--agent`. 2.x exits with 1 on it.
    (C::AgentByFlag, since(3, 0), "#14747"),
    // `tls_config.ca` with the certificate itself.
    (C::InlineTls, since(2, 45), "go.mod v2.45.0: prometheus/common 0.44"),
    // `remote_write.send_exemplars`.
    (C::SendsExemplars, since(2, 27), "#8296"),
    // The receiver stores exemplars; before, it drops them.
    (C::ReceivesExemplars, since(2, 31), "#9414"),
    // `queue_config.retry_on_http_429`. Without it an answer of 429 loses the batch.
    (C::RetriesOn429, since(2, 26), "#8237"),
    // 50 shards of batches of 2000; from 2.23 on it was 200 of 500.
    (C::TodaysQueue, since(2, 44), "#12203"),
    // `storage.tsdb.out_of_order_time_window`.
    (C::OutOfOrderWindow, since(2, 39), "#11075"),
    // An agent heeds it; before, it takes the field and does as it always does.
    (C::OutOfOrderInAgent, since(2, 54), "#14094"),
    // A sample older than the window is answered with 400; before with 500, and the sender sends it again for ever.
    (C::TooOldIsRefused, since(2, 50), "#13335"),
    // `remote_write.protobuf_message`, and a receiver of it. An older receiver answers 204 and stores nothing.
    (C::RemoteWrite2, since(2, 54), "#14395"),
    // Spoken by default by promfed, which was seen to lose nothing by it from this long-term release on.
    (C::RemoteWrite2Settled, since(3, 5), "v3.5.0"),
    // An agent that writes to nobody ends at once; later ones throw everything away.
    (C::AgentNeedsRemoteWrite, between((2, 32), (2, 32)), "config.go v2.32.0"),
    // `alerting.alertmanagers.api_version: v1`
    (C::AlertmanagerV1, until(2, 55), "gone: #13883"),
    // `queue_config.sample_age_limit`, from 2.50 on, lets a retry send labels of other series.
    (C::SampleAgeIsSound, since(2, 54), "#14078"),
    // The receiver takes native histograms where the feature `native-histograms` is on, and else answers 500.
    (C::NativeHistogramsByName, between((2, 40), (3, 7)), "#11447; no more: head_append.go v3.8.0"),
    // The receiver always takes them.
    (C::NativeHistogramsReceived, since(3, 8), "#17232"),
    // A sample more than ten minutes ahead is refused. Before, one moves the head, and everybody else is too old.
    (C::FutureIsRefused, since(2, 54), "#14304"),
    // A series that has a label name twice is skipped, or refused; before, the answer is 500, again and again.
    (C::RepeatedLabelIsSkipped, since(2, 55), "#14716"),
    // `${VAR}` in external labels, with the feature `expand-external-labels`.
    (C::ExpandsByName, between((2, 27), (2, 55)), "#8649; gone: #14657"),
    (C::ExpandsAlways, since(3, 0), "#14657"),
    // Any text is a label name.
    (C::Utf8Names, since(3, 0), "#14705"),
];
