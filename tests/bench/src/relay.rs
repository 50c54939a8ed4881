//! A relay between two ends of TCP that counts what goes to the far one.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Where the relay listens, and what passed it. It relays until the process ends.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    sent: Arc<AtomicU64>,
}

impl Relay {
    /// A relay to an address.
    pub(crate) fn to(far: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                // An end that is gone ends its connection only.
                connect(near, far, &counter).ok();
            }
        });
        Ok(Self { address, sent })
    }

    /// The bytes that went to the far end: requests with their headers.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

fn connect(near: TcpStream, far: SocketAddr, sent: &Arc<AtomicU64>) -> io::Result<()> {
    let far = TcpStream::connect(far)?;
    let (back_from, back_to) = (far.try_clone()?, near.try_clone()?);
    let counter = Arc::clone(sent);
    thread::spawn(move || pass(near, far, &counter));
    thread::spawn(move || pass(back_from, back_to, &AtomicU64::new(0)));
    Ok(())
}

fn pass(mut from: TcpStream, mut to: TcpStream, counter: &AtomicU64) -> io::Result<()> {
    let mut some = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut some)?;
        if read == 0 {
            return to.shutdown(Shutdown::Write);
        }
        counter.fetch_add(read as u64, Ordering::Relaxed);
        to.write_all(&some[..read])?;
    }
}
