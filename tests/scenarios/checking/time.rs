//! Samples of the future, from a sender whose clock is fast.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::breaking::finds;
use super::federation;
use crate::support::Rig;

/// A number as protobuf and snappy write it.
fn varint(mut number: u128) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        bytes.push(if number > 0 { low | 0x80 } else { low });
        if number == 0 {
            return bytes;
        }
    }
}

/// A field of a protobuf message that has a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2], &varint(bytes.len() as u128)[..], bytes].concat()
}

/// A remote write request with one sample of so long from now: nothing of it is compressed.
fn sample_of(cluster: &str, ahead: Duration) -> Vec<u8> {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time after 1970") + ahead;
    let label =
        |name: &str, value: &str| field(1, &[field(1, name.as_bytes()), field(2, value.as_bytes())].concat());
    let sample = [&[0x09], &1.0_f64.to_le_bytes()[..], &[0x10], &varint(time.as_millis())].concat();
    let series = [label("__name__", "of_tomorrow"), label("cluster", cluster), field(2, &sample)].concat();
    let body = field(1, &series);
    let length = u8::try_from(body.len() - 1).expect("a short body");
    [varint(body.len() as u128), vec![60 << 2, length], body].concat()
}

/// Writes to the hub past its ingress, as nobody but a test does.
fn write(rig: &Rig, body: &[u8]) {
    let file = rig.file("write", "");
    std::fs::write(&file, body).expect("a file");
    let path = "/api/v1/namespaces/tanzu-system-monitoring/services/prometheus-server:80/proxy/api/v1/write";
    rig.kubectl(&["create", "--raw", path, "-f", &file, "--context", "admin@hub"]).ends_with(0);
}

#[test]
fn one_sample_of_the_future_blocks_an_old_hub_and_its_agents_are_not_blamed() {
    let Some(rig) = federation(&[("hub", "2.53"), ("edge", "2.53"), ("west", "3.5")]) else { return };
    let all = ["hub", "edge", "west"];
    // That this version does so is known before.
    finds(&rig, &all, &["--skip", "PF213,PF208"], &[]).ends_with(0);
    write(&rig, &sample_of("edge", Duration::from_secs(7200)));
    let expected = [("admin@hub PF602", "its newest sample is 1")];
    finds(&rig, &all, &["--skip", "PF213,PF208"], &expected).ends_with(1);
}
