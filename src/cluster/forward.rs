//! A connection to a port of a pod, through the API server: nothing but the API server must be reachable from here.

use std::pin::Pin;
use std::sync::Arc;

use http::{HeaderMap, Method, StatusCode};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, copy_bidirectional};
use tokio::time::timeout;

use super::address;
use super::connect::{Cluster, Login};
use super::failure::{Asked, Cause, Failure, Upstream, of_transport};
use super::read::asked;
use super::request::{Answer, Call};
use super::resource::{POD, PORT_FORWARD};

/// An open connection to a port of a pod.
pub struct Forwarded {
    cluster: Cluster,
    asked: Asked,
    stream: DuplexStream,
    /// What the node says where nobody listens at the port.
    refusal: Pin<Box<dyn Future<Output = Option<String>> + Send>>,
}

impl Cluster {
    /// Opens one connection to a port of a pod. Whether somebody listens there is only told when it is used.
    pub async fn port_forward(&self, namespace: &str, pod: &str, port: u16) -> Result<Forwarded, Failure> {
        let login = self.login();
        let opened = Box::pin(self.opened(&login, namespace, pod, port)).await;
        let again = match &opened {
            Err(failure) if failure.is_unauthorized() => self.log_in_again(&login),
            _ => None,
        };
        match again {
            Some(login) => Box::pin(self.opened(&login, namespace, pod, port)).await,
            None => opened,
        }
    }

    async fn opened(
        &self,
        login: &Arc<Login>,
        namespace: &str,
        pod: &str,
        port: u16,
    ) -> Result<Forwarded, Failure> {
        let url = format!("{}/{PORT_FORWARD}", address::object(&POD, Some(namespace), pod));
        let mut asked = asked("get", &POD, Some(namespace), Some(pod));
        asked.resource = format!("{POD}/{PORT_FORWARD}");
        let call = Call::get(asked, url);
        let failed = |cause| self.failure(&call.asked, cause);
        let client = self.client_of(login).await.map_err(failed)?;
        let api: Api<Pod> = Api::namespaced(client, namespace);
        let ports = [port];
        let work = api.portforward(pod, &ports);
        let opened = match self.request_timeout() {
            Some(limit) => timeout(limit, work).await.map_err(|_| failed(Cause::TimedOut(limit)))?,
            None => work.await,
        };
        let mut forwarder = opened.map_err(|error| match error {
            kube::Error::Api(status) => self.refusal(&call, &said(&status)),
            other => failed(of_transport(&other, self.dial())),
        })?;
        login.is_taken();
        tracing::debug!("{} {}{} port {port} is open", Method::GET, self.server(), call.url);
        let (Some(stream), Some(refusal)) = (forwarder.take_stream(port), forwarder.take_error(port)) else {
            return Err(failed(Cause::Malformed("there is no stream for the port".to_owned())));
        };
        Ok(Forwarded { cluster: self.clone(), asked: call.asked, stream, refusal: Box::pin(refusal) })
    }
}

impl Forwarded {
    /// Passes on what either side says, until one of them has ended.
    pub async fn carry(mut self, local: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> Result<(), Failure> {
        tokio::select! {
            // Whoever closes a connection does not want to be told.
            _ = copy_bidirectional(local, &mut self.stream) => Ok(()),
            Some(words) = &mut self.refusal => {
                Err(self.cluster.failure(&self.asked, Cause::Upstream(Upstream::CannotConnect(words))))
            }
        }
    }
}

/// The server's refusal, as it was before it was read.
fn said(status: &kube::core::Status) -> Answer {
    let mut object = serde_json::to_value(status).unwrap_or_default();
    object["apiVersion"] = "v1".into();
    object["kind"] = "Status".into();
    Answer {
        status: StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers: HeaderMap::new(),
        body: object.to_string().into_bytes(),
    }
}
