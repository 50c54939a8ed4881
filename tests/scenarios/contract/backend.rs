//! Something behind a Service: an HTTP server in this process that says what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::server::words;

/// Answers until it is dropped.
pub(super) struct Backend {
    pub(super) address: SocketAddr,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Backend {
    /// Listens on a port of the system's choice.
    pub(super) fn start(address: IpAddr) -> Result<Self, String> {
        let listener = TcpListener::bind((address, 0)).map_err(words)?;
        let address = listener.local_addr().map_err(words)?;
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                // A connection that breaks is the caller's to notice.
                let _ = stream.and_then(answer);
            }
        });
        Ok(Self { address, over, thread: Some(thread) })
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread.
        if TcpStream::connect(self.address).is_ok()
            && let Some(thread) = self.thread.take()
        {
            thread.join().ok();
        }
    }
}

/// Answers one request: `/echo` with what was sent, `/moved` and `/moved-away` with a redirect, `/refused` with a 422,
/// `/cut` not at all, everything else with a 404 of its own.
fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let target = head.split(' ').nth(1).unwrap_or_default();
    let (status, more, text) = match target.split('?').next().unwrap_or_default() {
        "/echo" => ("200 OK", "x-own: 1\r\n", format!("{head}{}", String::from_utf8_lossy(&body))),
        "/moved" => ("302 Found", "location: /echo?a=b\r\n", "it is elsewhere".to_owned()),
        "/moved-away" => ("302 Found", "location: https://example.com/echo\r\n", String::new()),
        "/refused" => ("422 Unprocessable Entity", "", "out of bounds".to_owned()),
        "/cut" => return Ok(()),
        _ => ("404 Not Found", "", "nothing here".to_owned()),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ndate: Mon, 01 Jan 2024 00:00:00 GMT\r\n{more}\
         content-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
}
