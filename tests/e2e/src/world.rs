//! What all clusters of the process share: a runtime, their numbers, and a registry of images.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use crate::address::Number;
use crate::registry;

/// As many clusters as all addresses have room for.
const MOST: u8 = 50;

/// The clusters that run. There is one world for the process, as there is one network for it.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    /// Starting is what takes the machine most. Where too many do it at once, API servers take their aggregated APIs for
    /// dead, and come back to them half a minute later.
    pub(crate) starting: Semaphore,
    numbers: Mutex<BTreeSet<Number>>,
}

impl World {
    /// The world, which begins when it is first asked for.
    pub(crate) fn get() -> io::Result<Arc<Self>> {
        static WORLD: OnceLock<Result<Arc<World>, String>> = OnceLock::new();
        let begin = || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(8).enable_all().build()?;
            runtime.spawn(async { drop(registry::run().await) });
            io::Result::Ok(Arc::new(Self { runtime, starting: Semaphore::new(2), numbers: Mutex::default() }))
        };
        let world = WORLD.get_or_init(|| begin().map_err(|error| error.to_string()));
        world.clone().map_err(io::Error::other)
    }

    /// A number that nobody has.
    pub(crate) fn take_number(&self) -> io::Result<Number> {
        let mut numbers = self.lock();
        let free = (1..=MOST).map(Number).find(|number| !numbers.contains(number));
        let number = free.ok_or_else(|| io::Error::other("too many clusters"))?;
        numbers.insert(number);
        Ok(number)
    }

    /// Gives a number back.
    pub(crate) fn give_back(&self, number: Number) {
        self.lock().remove(&number);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<Number>> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
