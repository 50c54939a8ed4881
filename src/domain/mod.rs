//! Nouns with invariants. A value of one of these types is valid, so nobody below the arguments asks again.
//! `age` is how a span of time is told, `bundle` reads certificates that stand one behind the other, `nearest`
//! guesses what a mistyped name was meant to be.

mod age;
pub mod bundle;
mod certificate;
mod cluster_name;
mod endpoint;
mod header;
mod nearest;
mod quantity;

pub use age::{age, seconds, since};
pub use certificate::{Certificate, NOBODY, certificates};
pub use cluster_name::ClusterName;
pub use endpoint::{Fqdn, QueryUrl, WriteUrl};
pub use header::Header;
pub use nearest::nearest;
pub use quantity::{Quantity, gibibytes};

/// Why a string is not what it should be. The text says what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

impl Invalid {
    fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}
