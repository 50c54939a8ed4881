//! Clusters of real parts: the second rig of the scenarios.
//!
//! Each cluster has an etcd, a kube-apiserver and a kube-controller-manager of its own (`control_plane`), and runs
//! kapp-controller and whatever packages deploy as pods, behind a Contour and an Envoy. What cannot be had otherwise is
//! stood in for, by the code that the sandbox has for it: the kubelet and cert-manager. They work on a mirror of the API
//! server (`mirror`). Pods are processes in network and mount namespaces of their own (`node`); Services, names and
//! the ingress lead where they should (`network`).
//!
//! All of it lives in the namespaces that `run.sh` makes, and ends with them. Nothing outside is contacted.

mod address;
mod audit;
mod client;
mod cluster;
mod control_plane;
mod mirror;
mod network;
mod node;
pub mod package;
mod parts;
mod process;
mod real;
mod registry;
mod volumes;
mod world;

pub use real::{Real, is_wanted};
