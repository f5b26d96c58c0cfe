//! What can go wrong when a sandbox starts or is used.

use std::net::SocketAddr;

/// Why the sandbox could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A port cannot be listened on, usually because another process has it.
    #[error("cannot listen on {address}: {source}; choose another port, or 0 for any free one")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// A simulated system refused what was asked through its handle, as it would refuse a person.
    #[error("{system} refused: {message} (code {code})")]
    Refused {
        /// Which system.
        system: &'static str,
        /// The platform's own code.
        code: String,
        /// The platform's own text.
        message: String,
    },
    /// The handle was asked for something that does not exist in the simulated system.
    #[error("{0}")]
    NotFound(String),
    /// The simulator's own database failed: a defect of the sandbox.
    #[error("the simulator's database failed: {0}")]
    Store(String),
}
