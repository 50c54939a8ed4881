//! What all clusters of the process share: a runtime, their numbers, and the names behind their ingresses.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use promfed_sandbox::store::Store;
use tokio::runtime::Runtime;

use crate::address::Number;
use crate::network::dns::{self, View};
use crate::network::ingress;

/// As many clusters as there are numbers that all addresses have room for.
const MOST: u8 = 50;

/// The clusters that run. There is one world for the process: it has one address for its names.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    clusters: Mutex<BTreeMap<Number, Option<Store>>>,
}

impl World {
    /// The world, which begins when it is first asked for.
    pub(crate) fn get() -> io::Result<Arc<Self>> {
        static WORLD: OnceLock<Result<Arc<World>, String>> = OnceLock::new();
        let begin = || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build()?;
            let world = Arc::new(Self { runtime, clusters: Mutex::default() });
            // For whoever is outside of all clusters: run.sh has made this the machine's resolver.
            world.runtime.spawn(dns::run(Arc::clone(&world), View::Host, Ipv4Addr::LOCALHOST));
            io::Result::Ok(world)
        };
        let world = WORLD.get_or_init(|| begin().map_err(|error| error.to_string()));
        world.clone().map_err(io::Error::other)
    }

    /// A number that no cluster has.
    pub(crate) fn take_number(&self) -> io::Result<Number> {
        let mut clusters = self.lock();
        let free = (1..=MOST).map(Number).find(|number| !clusters.contains_key(number));
        let number = free.ok_or_else(|| io::Error::other("too many clusters"))?;
        clusters.insert(number, None);
        Ok(number)
    }

    /// Lets a cluster's names be known.
    pub(crate) fn join(&self, number: Number, store: Store) {
        self.lock().insert(number, Some(store));
    }

    /// Forgets a cluster.
    pub(crate) fn leave(&self, number: Number) {
        self.lock().remove(&number);
    }

    /// Where a name outside of all clusters leads.
    pub(crate) fn ingress_of(&self, name: &str) -> Option<Ipv4Addr> {
        let clusters = self.lock().clone();
        let mut with_names =
            clusters.iter().filter_map(|(number, store)| Some((number, ingress::names(store.as_ref()?))));
        with_names
            .find(|(_, names)| names.iter().any(|known| known == name))
            .map(|(number, _)| number.ingress())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Number, Option<Store>>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
