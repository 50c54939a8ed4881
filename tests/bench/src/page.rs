//! A page of metrics that a Prometheus can scrape.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Where the page is. It is served until the process ends.
pub(crate) struct Page {
    pub(crate) address: SocketAddr,
}

impl Page {
    /// Serves a text that stays as it is.
    pub(crate) fn serve(text: String) -> io::Result<Self> {
        Self::serve_each(move |_| text.clone())
    }

    /// Serves a text that is made for each scrape, by its number.
    pub(crate) fn serve_each(text: impl Fn(u64) -> String + Send + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        thread::spawn(move || {
            for (number, stream) in (0..).zip(listener.incoming().flatten()) {
                // Whoever does not read the page misses it.
                answer(stream, &text(number)).ok();
            }
        });
        Ok(Self { address })
    }
}

fn answer(mut stream: TcpStream, text: &str) -> io::Result<()> {
    let mut asked = Vec::new();
    let mut some = [0; 1024];
    while !asked.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut some)?;
        if read == 0 {
            return Ok(());
        }
        asked.extend_from_slice(&some[..read]);
    }
    let length = text.len();
    let form = "text/plain; version=0.0.4";
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: {form}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )?;
    stream.write_all(text.as_bytes())
}
