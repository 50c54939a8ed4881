//! Which install a plan is about: the one that is there, or a new one of a package that is offered.

use crate::error::{Error, Result};
use crate::history::{Constraint, History, Present, Record};
use crate::package::{
    Available, Door, Found, FoundOverlay, InstallMeta, Location, Names, NoPackage, OVERLAY_KEY, Owner,
    PackageInstall, Pause, ServiceAccountChoice, VALUES_KEY, ValueSource, Values, choose, compare_versions,
};
use crate::prometheus::Version;

/// Which package, under which name, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageWish {
    pub ref_name: Option<String>,
    pub version: Option<String>,
    pub install: String,
    pub namespace: String,
    pub account: ServiceAccountChoice,
    pub moves: Moves,
}

/// Which way a version may move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moves {
    #[default]
    UpOnly,
    Anyway,
}

/// What a plan needs to know of a cluster.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The install that is there.
    pub installed: Option<Installed>,
    /// The Prometheus packages that can be seen from the install's namespace.
    pub packages: Vec<Available>,
    /// Where there is no install: the texts of a Secret of the name that its values would have. A run that was
    /// killed leaves one, and so does somebody who deleted the install only.
    pub leftover: Vec<ValueSource>,
    /// Which of the objects around an install are there.
    pub around: Vec<Found>,
    /// The Secret of promfed's overlay.
    pub overlay: Option<FoundOverlay>,
    /// What earlier writes kept.
    pub history: History,
}

impl Observed {
    /// The writes that happened to what is there, oldest first.
    pub fn happened(&self) -> Result<&[Record]> {
        Ok(self.history.known()?.happened(self))
    }

    fn install(&self) -> Option<&PackageInstall> {
        self.installed.as_ref().map(|installed| &installed.install)
    }
}

impl Present for Observed {
    fn text(&self, location: &Location) -> &str {
        let mut sources =
            self.installed.iter().flat_map(|installed| &installed.sources).chain(&self.leftover);
        let overlay = || self.overlay.as_ref().filter(|_| location.key == OVERLAY_KEY);
        let overlay = || overlay().map_or("", |overlay| overlay.text.as_str());
        let source = sources.find(|source| source.location == *location);
        source.map_or_else(overlay, |source| source.text.as_str())
    }

    fn note(&self, key: &str) -> Option<&str> {
        self.install()?.metadata.ownership.annotations.get(key).map(String::as_str)
    }

    fn constraint(&self) -> &str {
        self.install().map_or("", |install| &install.spec.package_ref.version_selection.constraints)
    }
}

/// An install with the texts of its values.
#[derive(Clone, Debug)]
pub struct Installed {
    pub install: PackageInstall,
    /// In the order in which kapp-controller reads them. Never empty: an install that references no Secret has none.
    pub sources: Vec<ValueSource>,
    /// The tools that keep the install or its Secrets as they want them.
    pub owners: Vec<Owner>,
}

/// What becomes of the PackageInstall's reference to its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reference {
    #[default]
    Kept,
    /// It has none: a Secret is made, and named there.
    Added,
    /// The one that was added goes again.
    Removed,
}

/// The install that a plan is about.
#[derive(Clone, Debug)]
pub struct Target {
    pub ref_name: String,
    pub package_version: String,
    /// The version of the Prometheus inside.
    pub version: Version,
    pub names: Names,
    pub values: Values,
    /// The PackageInstall that is there.
    pub install: Option<InstallMeta>,
    /// Whether its values are there already, to be edited and not overwritten.
    pub has_secret: bool,
    /// What becomes of the version, if it changes.
    pub moves: Option<Constraint>,
    pub reference: Reference,
    pub pause: Pause,
    /// The objects around it that are there.
    pub around: Vec<Found>,
    /// The Secret of promfed's overlay.
    pub overlay: Option<FoundOverlay>,
    /// The door that the hub will have.
    pub door: Option<Door>,
}

impl Target {
    /// Finds the target. `over` is the text of `--values`, which a new install begins with.
    pub fn find(wish: &PackageWish, observed: &Observed, over: &str) -> Result<Self> {
        match &observed.installed {
            Some(installed) => Self::existing(wish, installed, observed),
            None => Self::new(wish, observed, over),
        }
    }

    fn new(wish: &PackageWish, observed: &Observed, over: &str) -> Result<Self> {
        let package = choose(&observed.packages, wish.ref_name.as_deref(), wish.version.as_deref())
            .map_err(|none| not_offered(&none, &wish.namespace))?;
        let names = Names::new(&wish.install, &wish.namespace);
        let location = Location { secret: names.values_secret(), key: VALUES_KEY.to_owned() };
        let fresh = ValueSource { location, resource_version: None, text: over.to_owned() };
        let sources = if observed.leftover.is_empty() { vec![fresh] } else { observed.leftover.clone() };
        Ok(Self {
            ref_name: package.spec.ref_name.clone(),
            package_version: package.spec.version.clone(),
            version: prometheus_version(&package.spec.version)?,
            names,
            values: Values::new(package.spec.values_schema.defaults().clone(), sources)?,
            install: None,
            has_secret: !observed.leftover.is_empty(),
            moves: None,
            reference: Reference::Kept,
            pause: Pause::None,
            around: observed.around.clone(),
            overlay: observed.overlay.clone(),
            door: None,
        })
    }

    fn existing(wish: &PackageWish, installed: &Installed, observed: &Observed) -> Result<Self> {
        let install = &installed.install;
        let ref_name = install.spec.package_ref.ref_name.clone();
        if let Some(wanted) = &wish.ref_name
            && *wanted != ref_name
        {
            return Err(Error::usage(format!("PackageInstall {} is of package {ref_name}", install.title()))
                .because(format!("--package asks for {wanted}")));
        }
        let names = Names::new(&install.metadata.name, &install.metadata.namespace);
        let (sources, reference) = sources_of(installed, &names, &observed.leftover)?;
        let (package_version, moves) = version_of(wish, install, &observed.packages)?;
        // Without its Package the defaults are unknown; what the values say is still known.
        let offered = observed
            .packages
            .iter()
            .find(|package| package.spec.ref_name == ref_name && package.spec.version == package_version);
        let defaults =
            offered.map(|package| package.spec.values_schema.defaults().clone()).unwrap_or_default();
        Ok(Self {
            version: prometheus_version(&package_version)?,
            ref_name,
            package_version,
            values: Values::new(defaults, sources)?,
            names,
            install: Some(install.metadata.clone()),
            has_secret: true,
            moves,
            reference,
            pause: install.pause(),
            around: observed.around.clone(),
            overlay: observed.overlay.clone(),
            door: None,
        })
    }

    /// Whether it is not there yet.
    pub fn is_new(&self) -> bool {
        self.install.is_none()
    }

    /// `NAME VERSION in NAMESPACE`.
    pub fn title(&self) -> String {
        format!("{} {} in {}", self.ref_name, self.package_version, self.names.namespace)
    }
}

/// The values texts of an install. One that was installed without values gets a Secret for them.
fn sources_of(
    installed: &Installed,
    names: &Names,
    leftover: &[ValueSource],
) -> Result<(Vec<ValueSource>, Reference)> {
    if !installed.sources.is_empty() {
        return Ok((installed.sources.clone(), Reference::Kept));
    }
    let secret = names.values_secret();
    if !installed.install.spec.values.is_empty() || !leftover.is_empty() {
        let title = installed.install.title();
        return Err(Error::failed(format!("PackageInstall {title} has no values to change"))
            .because(format!("what it references is empty, or Secret {secret} is there and not referenced"))
            .hint(format!("kubectl get packageinstall {} -n {} -o yaml", names.install, names.namespace)));
    }
    let location = Location { secret, key: VALUES_KEY.to_owned() };
    Ok((vec![ValueSource { location, resource_version: None, text: String::new() }], Reference::Added))
}

/// The version that an install will have, and how its constraint has to change for that.
fn version_of(
    wish: &PackageWish,
    install: &PackageInstall,
    packages: &[Available],
) -> Result<(String, Option<Constraint>)> {
    let constraint = &install.spec.package_ref.version_selection.constraints;
    // An exact constraint is what will run soon, whatever runs now.
    let is_exact = packages.iter().any(|package| package.spec.version == *constraint);
    let current = if is_exact { constraint } else { install.version() };
    let Some(wanted) = &wish.version else { return Ok((current.to_owned(), None)) };
    if wanted == current || current.starts_with(&format!("{wanted}+")) {
        return Ok((current.to_owned(), None));
    }
    let ref_name = &install.spec.package_ref.ref_name;
    let package = choose(packages, Some(ref_name), Some(wanted))
        .map_err(|none| not_offered(&none, &install.metadata.namespace))?;
    let after = package.spec.version.clone();
    if compare_versions(&after, current).is_lt() && wish.moves == Moves::UpOnly {
        return Err(Error::usage(format!("{after} is older than {current}, which is installed"))
            .because("a downgrade can lose what the newer version has stored")
            .hint("add --allow-downgrade to do it all the same"));
    }
    Ok((after.clone(), Some(Constraint { before: constraint.clone(), after })))
}

fn prometheus_version(package_version: &str) -> Result<Version> {
    Version::parse(package_version).ok_or_else(|| {
        Error::failed(format!("{package_version:?} does not begin with a version of Prometheus"))
    })
}

fn not_offered(none: &NoPackage, namespace: &str) -> Error {
    let error = Error::failed(format!("{} is not available in namespace {namespace}", none.wanted));
    if none.available.is_empty() {
        return error.because("no Package of Prometheus can be seen there").hint(
            "add a repository that offers one with --repository IMAGE, or look in another namespace with -n",
        );
    }
    error
        .because(format!("available: {}", none.available.join(", ")))
        .hint("choose one with --package and --package-version")
}
