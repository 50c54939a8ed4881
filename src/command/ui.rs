//! `kubectl promfed ui`: Prometheus's own pages, through the API server.
//!
//! Its pages name each other from the root of the address, so that the API server's proxy, which is below a path, breaks
//! them. Hence each connection of the browser becomes one to the pod.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::crash::{CONTAINER, pods, status};
use super::shell::{End, Shell};
use super::site::{Site, Wanted};
use crate::cli::UiArgs;
use crate::cluster::{Cluster, Forwarded};
use crate::error::{Error, Result};
use crate::report::WebView;

/// Where Prometheus listens if its pod does not say.
const PORT: u16 = 9090;
/// How long Prometheus may take to say how it is spoken to.
const PATIENCE: Duration = Duration::from_secs(15);

/// Listens until it is interrupted.
pub(super) async fn run(shell: &Shell, args: &UiArgs) -> Result<End> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await.map_err(|error| {
        Error::failed(format!("nothing can listen at 127.0.0.1:{}", args.port))
            .because(error.to_string())
            .hint("kubectl promfed ui --port 0")
    })?;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let site = Site::require(&cluster, Wanted::default()).await?;
    let way = Way { cluster, namespace: site.workloads };
    let scheme = way.scheme().await?;
    let address = listener.local_addr().map_err(|error| Error::failed(error.to_string()))?;
    let url = format!("{scheme}://{address}/");
    shell.print(&WebView {
        context: way.cluster.context().to_owned(),
        namespace: way.namespace.clone(),
        url: url.clone(),
    })?;
    shell.ui.say("it is there until Ctrl-C");
    if !args.no_browser
        && shell.ui.is_watched()
        && let Err(error) = open::that_detached(&url)
    {
        shell.ui.warn(&format!("no browser can be opened: {error}"));
    }
    way.serve(shell, &listener).await
}

/// To the Prometheus of a namespace, whichever pod it has.
struct Way {
    cluster: Cluster,
    namespace: String,
}

impl Way {
    /// Takes every connection. One that fails costs only itself, and is told of once.
    async fn serve(&self, shell: &Shell, listener: &TcpListener) -> ! {
        let mut open = FuturesUnordered::new();
        let mut told = String::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => open.push(self.carry(stream)),
                    // There are no more files, for the moment.
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                Some(ended) = open.next() => {
                    let words = ended.err().map_or_else(String::new, |error: Error| [vec![error.what], error.causes].concat().join(": "));
                    if !words.is_empty() && words != told {
                        shell.ui.warn(&words);
                    }
                    told = words;
                }
            }
        }
    }

    async fn carry(&self, mut stream: TcpStream) -> Result<()> {
        Ok(self.connection().await?.carry(&mut stream).await?)
    }

    /// To the pod that is ready now: the one before may be gone.
    async fn connection(&self) -> Result<Forwarded> {
        let pods = pods(&self.cluster, &self.namespace).await?;
        let ready = pods.iter().find(|pod| {
            pod.metadata.deletion_timestamp.is_none() && status(pod).is_some_and(|status| status.ready)
        });
        let Some(pod) = ready else {
            let context = self.cluster.context();
            return Err(Error::failed(format!(
                "no pod of Prometheus is ready in namespace {}",
                self.namespace
            ))
            .hint(format!("kubectl promfed check --context {context}")));
        };
        let containers = pod.spec.iter().flat_map(|spec| &spec.containers);
        let ports = containers.filter(|one| one.name == CONTAINER).flat_map(|one| one.ports.iter().flatten());
        let port = ports.map(|port| port.container_port).next();
        let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or(PORT);
        let name = pod.metadata.name.as_deref().unwrap_or_default();
        Ok(self.cluster.port_forward(&self.namespace, name, port).await?)
    }

    /// `https` where a web configuration asks for TLS: who speaks plainly to such a server is told so.
    async fn scheme(&self) -> Result<&'static str> {
        let connection = self.connection().await?;
        let (mut near, mut far) = duplex(4096);
        let ask = async move {
            let mut answer = Vec::new();
            // A server that goes away in the middle has answered what it has answered.
            let _ = near.write_all(b"GET / HTTP/1.0\r\n\r\n").await;
            let _ = near.read_to_end(&mut answer).await;
            String::from_utf8_lossy(&answer).into_owned()
        };
        let silent = || Error::failed("Prometheus does not answer");
        let both = async { futures::join!(ask, connection.carry(&mut far)) };
        let (answer, carried) = timeout(PATIENCE, both).await.map_err(|_| silent())?;
        carried?;
        match answer.as_str() {
            words if words.contains("HTTPS server") => Ok("https"),
            words if words.starts_with("HTTP/") => Ok("http"),
            _ => Err(silent()),
        }
    }
}
