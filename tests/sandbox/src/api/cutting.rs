//! Answers that end too early: what two of the faults do to a body.

use axum::body::{Body, BodyDataStream, Bytes};
use axum::response::Response;
use futures::{StreamExt, stream};
use http::header;
use std::io;

use super::line::Cut;

/// What is left to be sent of a body.
struct Rest {
    body: BodyDataStream,
    bytes: usize,
    end: End,
}

/// How the body ends after the bytes that are let through.
enum End {
    /// As if it had been the whole.
    Orderly,
    /// With the connection reset.
    Reset(Cut),
    /// It has ended.
    Done,
}

/// Lets so many bytes of the body through, and ends it as if they were all.
pub(super) fn truncate(response: Response, bytes: usize) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, shortened(body, bytes, End::Orderly))
}

/// Lets so many bytes of the body through, and resets the connection.
pub(super) fn reset_after(response: Response, bytes: usize, cut: Cut) -> Response {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, shortened(body, bytes, End::Reset(cut)))
}

fn shortened(body: Body, bytes: usize, end: End) -> Body {
    let rest = Rest { body: body.into_data_stream(), bytes, end };
    Body::from_stream(stream::unfold(rest, |mut rest| async move {
        if rest.bytes > 0
            && let Some(Ok(chunk)) = rest.body.next().await
        {
            let chunk: Bytes = chunk.slice(..chunk.len().min(rest.bytes));
            rest.bytes -= chunk.len();
            return Some((Ok(chunk), rest));
        }
        match std::mem::replace(&mut rest.end, End::Done) {
            End::Orderly | End::Done => None,
            End::Reset(cut) => {
                // What was let through leaves the buffers while this waits.
                tokio::task::yield_now().await;
                cut.cut();
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), rest))
            }
        }
    }))
}
