//! A server that says again what it was told: who asked, in the words that servers and proxies have for that.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

/// In which way it answers: the first part of the path.
pub(super) const WAYS: [&str; 8] =
    ["status-403", "status-401", "status-400", "status-500", "text-401", "text-500", "moved", "success"];

/// Listens on this machine until the process ends.
pub(super) fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || answer(client));
        }
    });
    Ok(address)
}

fn answer(mut client: TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut lines = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        lines.push(line.trim().to_owned());
        line.clear();
    }
    let length = lines
        .iter()
        .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    reader.take(length.unwrap_or(0)).read_to_end(&mut Vec::new())?;
    client.write_all(words(&lines).as_bytes())
}

fn words(request: &[String]) -> String {
    let way = request.first().and_then(|line| line.split('/').nth(1)).unwrap_or_default();
    let known = |line: &&String| line.to_ascii_lowercase().contains("authorization:") || line.contains("x-");
    let who = request.iter().filter(known).cloned().collect::<Vec<_>>().join(", ");
    let (form, code) = way.split_once('-').unwrap_or((way, "200"));
    let code = if form == "moved" { "307" } else { code };
    let body = match form {
        "status" => {
            serde_json::json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 403,
            "reason": "Forbidden", "message": format!("nobody knows {who}"),
            "details": {"causes": [{"message": who, "field": who}]}})
            .to_string()
        }
        _ => format!("nobody knows {who}\n"),
    };
    let location =
        if form == "moved" { format!("Location: https://there.test/?seen={who}\r\n") } else { String::new() };
    format!(
        "HTTP/1.1 {code} so\r\n{location}Connection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
