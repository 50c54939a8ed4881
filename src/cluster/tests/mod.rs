//! This room against servers that answer what a test says: inside the process, or on a loopback port where connecting
//! itself is what is tested.

mod connecting;
mod failing;
mod fake;
mod listing;
mod loopback;
mod proxying;
mod repeating;
mod sharing;
mod waiting;
mod writing;
