//! Containers as processes in namespaces: each pod has a network of its own, each container a root folder of its own.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use futures::future::BoxFuture;
use promfed_sandbox::node::container::{arguments, image_name};
use promfed_sandbox::node::machine::{Conduct, Launch, Machine, Waiting};
use promfed_sandbox::node::pod::Pod;
use promfed_sandbox::objects::items;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::address::Number;
use crate::parts::Parts;

/// The bridge that `run.sh` makes; it is the way out of every pod.
const BRIDGE: &str = "pods";
const GATEWAY: &str = "10.244.0.1";
/// Where a pod finds its account.
const ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// This machine, for the pods of one cluster.
pub(crate) struct Namespaces {
    pub(crate) number: Number,
    pub(crate) parts: Parts,
}

impl Machine for Namespaces {
    fn conduct(&self, image: &str) -> Conduct {
        match image {
            "configmap-reload" => Conduct::Reload,
            _ if self.parts.program(image, "v3.0.0").is_some() => Conduct::Process,
            _ => Conduct::Idle,
        }
    }

    fn set_up<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let (namespace, link) = (namespace(pod), link(pod));
            ip(&["netns", "add", &namespace]).await?;
            let peer =
                ["link", "add", &link, "master", BRIDGE, "type", "veth", "peer", "name", "eth0", "netns"];
            ip(&[&peer[..], &[namespace.as_str()]].concat()).await?;
            ip(&["link", "set", &link, "up"]).await?;
            let inside = format!(
                "link set lo up\naddress add {}/16 dev eth0\nlink set eth0 up\nroute add default via {GATEWAY}\n",
                pod.ip
            );
            batch(&namespace, &inside).await?;
            let files = pod.path.join("etc");
            std::fs::create_dir_all(&files)?;
            std::fs::write(files.join("hosts"), format!("127.0.0.1 localhost\n{} {}\n", pod.ip, pod.name))?;
            std::fs::write(
                files.join("resolv.conf"),
                format!(
                    "nameserver {}\nsearch {}.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n",
                    self.number.dns(),
                    pod.namespace
                ),
            )
        })
    }

    fn tear_down<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // The link goes with the namespace, when nothing holds it any more.
            ip(&["link", "delete", &link(pod)]).await.ok();
            ip(&["netns", "delete", &namespace(pod)]).await.ok();
        })
    }

    fn launch(&self, pod: &Pod, container: &Value) -> Result<Launch, Waiting> {
        let image = container["image"].as_str().unwrap_or_default();
        let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
        let Some(program) = self.parts.program(image_name(container), tag) else {
            let message = format!("Back-off pulling image {image:?}: this machine has no such program");
            return Err(Waiting { reason: "ImagePullBackOff", message });
        };
        let name = container["name"].as_str().unwrap_or_default();
        let root = pod.path.join("roots").join(name);
        std::fs::create_dir_all(&root)
            .map_err(|error| Waiting { reason: "CreateContainerError", message: error.to_string() })?;
        let root = root.display().to_string();
        let mut script = format!("set -e\nmount -t tmpfs tmpfs {root}\ncd {root}{ROOT}");
        for (source, path) in mounts(pod, container) {
            writeln!(script, "give {} {path}", source.display()).ok();
        }
        writeln!(script, "give {} /app/{}", program.display(), image_name(container)).ok();
        if image_name(container) == "kapp-controller" {
            for tool in ["ytt", "kapp", "vendir", "kbld"] {
                writeln!(script, "give {} /app/{tool}", self.parts.carvel().join(tool).display()).ok();
            }
        }
        writeln!(script, "exec chroot . /usr/bin/env -i -C /prometheus \"$@\"").ok();
        let netns = format!("--net=/run/netns/{}", namespace(pod));
        let head = [&netns, "unshare", "--mount", "--propagation", "private", "sh", "-c", &script, "sh"];
        let environment = environment(self.number, pod, container);
        let own = environment.into_iter().map(|(name, value)| format!("{name}={value}"));
        let all = head.iter().map(ToString::to_string).chain(own);
        let arguments =
            all.chain([format!("/app/{}", image_name(container))]).chain(arguments(container)).collect();
        Ok(Launch {
            program: "/usr/bin/nsenter".into(),
            arguments,
            folder: pod.path.clone(),
            environment: vec![("PATH".to_owned(), "/usr/sbin:/usr/bin:/sbin:/bin".to_owned())],
        })
    }

    fn address(&self, pod: &Pod, port: u16) -> Option<SocketAddr> {
        Some(SocketAddr::new(pod.ip.parse::<IpAddr>().ok()?, port))
    }
}

/// Makes a root folder in the folder of the moment: the machine's programs and libraries to read, all else empty.
/// `give` shows a file or a folder of the machine at a path of the container.
const ROOT: &str = r#"
mkdir -p app dev etc home host/proc host/sys prometheus proc sys tmp var/run
chmod 1777 tmp
for name in bin lib lib32 lib64 libx32 sbin usr; do
  if [ -L /$name ]; then cp -P /$name $name; continue; fi
  [ -d /$name ] || continue
  mkdir $name
  mount --bind /$name $name
  mount -o remount,bind,ro $name
done
mount --rbind /dev dev
mount -t proc proc proc
mount --rbind /proc host/proc
mount --rbind /sys host/sys
give() {
  if [ -d "$1" ]; then mkdir -p ".$2"; else mkdir -p ".$(dirname "$2")"; : >>".$2"; fi
  mount --bind "$1" ".$2"
}
"#;

/// What a container gets to see of its pod's folder: source and path.
fn mounts(pod: &Pod, container: &Value) -> Vec<(PathBuf, String)> {
    let place = |path: &str| pod.path.join(path.trim_start_matches('/'));
    let shared = ["/etc/hosts", "/etc/resolv.conf", "/etc/prometheus", "/prometheus"];
    let mut all: Vec<(PathBuf, String)> =
        shared.iter().map(|path| (place(path), (*path).to_owned())).collect();
    let mut hides_account = false;
    for mount in items(&container["volumeMounts"]) {
        let Some(path) = mount["mountPath"].as_str() else { continue };
        if path == ACCOUNT {
            let volume = items(&pod.spec["volumes"]).find(|volume| volume["name"] == mount["name"]);
            hides_account = volume.is_some_and(|volume| volume["projected"].is_null());
            continue;
        }
        all.push((place(path), path.to_owned()));
    }
    if !hides_account {
        all.push((place(ACCOUNT), ACCOUNT.to_owned()));
    }
    all.retain(|(source, _)| source.exists());
    all
}

/// What a kubelet puts into the environment: the way to the API server, and what the container asks for.
fn environment(number: Number, pod: &Pod, container: &Value) -> Vec<(String, String)> {
    let mut all = vec![
        ("PATH".to_owned(), "/app:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("HOME".to_owned(), "/home".to_owned()),
        ("HOSTNAME".to_owned(), pod.name.clone()),
        ("KUBERNETES_SERVICE_HOST".to_owned(), number.api().to_string()),
        ("KUBERNETES_SERVICE_PORT".to_owned(), "443".to_owned()),
    ];
    for variable in items(&container["env"]) {
        let Some(name) = variable["name"].as_str() else { continue };
        let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
            Some("metadata.name") => pod.name.clone(),
            Some("metadata.namespace") => pod.namespace.clone(),
            Some("metadata.uid") => pod.uid.clone(),
            Some("status.podIP") => pod.ip.clone(),
            Some("spec.serviceAccountName") => {
                pod.spec["serviceAccountName"].as_str().unwrap_or_default().to_owned()
            }
            Some(_) => continue,
            None => variable["value"].as_str().unwrap_or_default().to_owned(),
        };
        all.push((name.to_owned(), value));
    }
    all
}

fn namespace(pod: &Pod) -> String {
    format!("pod-{}", pod.uid)
}

/// The end of the pod's link on the bridge. Names of links are short.
fn link(pod: &Pod) -> String {
    format!("veth{}", pod.uid.chars().filter(char::is_ascii_hexdigit).take(11).collect::<String>())
}

async fn ip(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("ip").args(arguments).stdin(Stdio::null()).output().await?;
    check(output.status.success(), arguments, &output.stderr)
}

async fn batch(namespace: &str, lines: &str) -> io::Result<()> {
    let arguments = ["-n", namespace, "-batch", "-"];
    let mut child = Command::new("ip")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(lines.as_bytes()).await?;
    }
    let output = child.wait_with_output().await?;
    check(output.status.success(), &arguments, &output.stderr)
}

fn check(success: bool, arguments: &[&str], stderr: &[u8]) -> io::Result<()> {
    if success {
        return Ok(());
    }
    let words = String::from_utf8_lossy(stderr);
    Err(io::Error::other(format!("ip {}: {}", arguments.join(" "), words.trim())))
}
