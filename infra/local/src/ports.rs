//! The ports of the local fabric. They are chosen once and remembered: addresses stay the same.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, TcpListener};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    pub emulator: u16,
    pub postgres: u16,
    pub issuer: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self { emulator: 4599, postgres: 5440, issuer: 4600 }
    }
}

/// The port itself when it is free, else any free one.
pub fn free_port(preferred: u16) -> std::io::Result<u16> {
    if is_free(preferred) {
        return Ok(preferred);
    }
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_left_alone() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free_port(port).unwrap(), port);
        drop(taken);
        assert_eq!(free_port(port).unwrap(), port);
    }
}
