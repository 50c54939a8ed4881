//! Ports of pods through a WebSocket, as a kubelet speaks `v4.channel.k8s.io`: each port has a channel for what is said
//! and one for what went wrong, and each begins with the port's number.

use std::net::SocketAddr;

use axum::body::Body;
use axum::response::Response;
use futures::{SinkExt, StreamExt};
use http::{StatusCode, header};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::call::Call;
use super::status::Failure;

/// What is spoken. The tunnel for SPDY that kubectl prefers is not.
const PROTOCOL: &str = "v4.channel.k8s.io";

/// A port of a pod, and where it really listens.
struct Port {
    number: u16,
    address: Option<SocketAddr>,
}

/// Agrees to speak, and goes on to do so.
pub(super) fn forward(call: &Call, upgrade: OnUpgrade) -> Result<Response, Failure> {
    // Since 1.35 a WebSocket, which begins with GET, needs the right to create besides.
    call.may_part("create")?;
    let pod = call.read()?;
    let text = |name| call.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let offered = text(header::SEC_WEBSOCKET_PROTOCOL).split(',').any(|one| one.trim() == PROTOCOL);
    let key = text(header::SEC_WEBSOCKET_KEY);
    if !offered || key.is_empty() {
        return Err(Failure::bad_request("unable to upgrade: only v4.channel.k8s.io is supported"));
    }
    let Some(ip) = pod["status"]["podIP"].as_str() else {
        return Err(Failure::bad_request(format!("pod {} does not have a host assigned", call.name())));
    };
    let numbers = call.params.get("ports").unwrap_or_default().split(',').map(str::parse::<u16>);
    let ports = numbers.map(|number| {
        let number = number.map_err(|_| Failure::bad_request("query parameter \"ports\" is not a number"))?;
        Ok(Port { number, address: call.api.backend.dial(ip, number) })
    });
    let ports: Vec<Port> = ports.collect::<Result<_, Failure>>()?;
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let accepted = derive_accept_key(key.as_bytes());
    for (name, value) in [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL),
        (header::SEC_WEBSOCKET_ACCEPT, &accepted),
    ] {
        let value = value.parse().map_err(|_| Failure::internal("a header cannot be written"))?;
        response.headers_mut().insert(name, value);
    }
    tokio::spawn(async move {
        if let Ok(connection) = upgrade.await {
            // Whoever breaks the connection notices it.
            let _ = carry(connection, ports).await;
        }
    });
    Ok(response)
}

async fn carry(connection: Upgraded, ports: Vec<Port>) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(connection), Role::Server, None).await;
    let (sender, mut said) = channel::<Vec<u8>>(16);
    let mut readers = JoinSet::new();
    let mut writers: Vec<Option<OwnedWriteHalf>> = Vec::new();
    for (data, port) in (0..).step_by(2).zip(&ports) {
        let [low, high] = port.number.to_le_bytes();
        for channel in [data, data + 1] {
            socket.send(Message::binary(vec![channel, low, high])).await?;
        }
        let stream = match port.address {
            Some(address) => TcpStream::connect(address).await.ok(),
            None => None,
        };
        let Some(stream) = stream else {
            let words = format!(
                "failed to connect to localhost:{0} inside namespace: connection refused",
                port.number
            );
            socket.send(Message::binary([&[data + 1], words.as_bytes()].concat())).await?;
            writers.push(None);
            continue;
        };
        let (read, write) = stream.into_split();
        readers.spawn(pass(read, data, sender.clone()));
        writers.push(Some(write));
    }
    drop(sender);
    loop {
        tokio::select! {
            frame = said.recv() => match frame {
                Some(frame) => socket.send(Message::binary(frame)).await?,
                // Every port is at its end.
                None => break,
            },
            heard = socket.next() => match heard {
                Some(Ok(Message::Binary(frame))) => {
                    let Some((channel, bytes)) = frame.split_first() else { continue };
                    let writer = writers.get_mut(usize::from(*channel / 2)).and_then(Option::as_mut);
                    if let Some(writer) = writer
                        && writer.write_all(bytes).await.is_err()
                    {
                        break;
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
        }
    }
    socket.close(None).await
}

/// Whatever a pod says, as frames of its channel.
async fn pass(mut from: OwnedReadHalf, channel: u8, to: Sender<Vec<u8>>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if to.send([&[channel], &buffer[..length]].concat()).await.is_err() {
            return;
        }
    }
}
