//! What a sandbox is to be made of.

use std::str::FromStr;

use crate::node::Binaries;
use crate::timing::Timing;

/// What was installed on a cluster before anybody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// Packages and their installs.
    KappController,
    /// The ingress.
    Contour,
    /// The certificates.
    CertManager,
}

/// Which packages a cluster offers from the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Those that are not newer than this version (a prefix like `2.53`), globally; all without it.
    UpTo(Option<String>),
    /// None, until somebody adds a `PackageRepository`.
    Nothing,
}

/// One cluster.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    pub(crate) name: String,
    pub(crate) offer: Offer,
    pub(crate) absent: Vec<Component>,
    /// Its Prometheus is said to run, and does nothing.
    pub(crate) is_idle: bool,
}

impl ClusterSpec {
    /// A cluster with all components that offers all packages.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), offer: Offer::UpTo(None), absent: Vec::new(), is_idle: false }
    }

    /// Offers other packages.
    #[must_use]
    pub fn offer(mut self, offer: Offer) -> Self {
        self.offer = offer;
        self
    }

    /// Offers no package that is newer than this version.
    #[must_use]
    pub fn newest(self, version: &str) -> Self {
        self.offer(Offer::UpTo(Some(version.to_owned())))
    }

    /// Leaves a component out.
    #[must_use]
    pub fn without(mut self, component: Component) -> Self {
        self.absent.push(component);
        self
    }

    /// Runs no Prometheus: its pods get ready, and do nothing.
    #[must_use]
    pub fn idle(mut self) -> Self {
        self.is_idle = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The packages that it offers.
    pub fn offers(&self) -> &Offer {
        &self.offer
    }

    /// Whether it has a component.
    pub fn has(&self, component: Component) -> bool {
        !self.absent.contains(&component)
    }
}

/// `NAME`, `NAME=VERSION` or `NAME=none`.
impl FromStr for ClusterSpec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) =
            text.split_once('=').map_or((text, None), |(name, version)| (name, Some(version)));
        let good = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if name.is_empty() || !name.chars().all(good) {
            return Err("a name has lower case letters, digits and -".to_owned());
        }
        let spec = Self::new(name);
        Ok(match version {
            None => spec,
            Some("none") => spec.offer(Offer::Nothing),
            Some(version) => spec.newest(version),
        })
    }
}

/// A sandbox that is not started yet.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub(crate) clusters: Vec<ClusterSpec>,
    pub(crate) binaries: Option<Binaries>,
    pub(crate) timing: Timing,
}

impl Builder {
    /// Adds a cluster.
    #[must_use]
    pub fn cluster(mut self, cluster: ClusterSpec) -> Self {
        self.clusters.push(cluster);
        self
    }

    /// Runs these binaries instead of those that are found.
    #[must_use]
    pub fn binaries(mut self, binaries: Binaries) -> Self {
        self.binaries = Some(binaries);
        self
    }

    /// Lets things take other times.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }
}
