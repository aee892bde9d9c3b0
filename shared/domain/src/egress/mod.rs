//! What may be fetched for people: which URLs and which addresses. Pure; whoever connects asks here, with the very
//! address it connects to.

mod address;
mod url;

pub use address::{BLOCKS, Block, check_address};
pub use url::{UrlRefusal, check_url, url_key};

use std::net::IpAddr;

/// Where fetching may lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The ports of servers.
    pub ports: Vec<u16>,
    /// This machine too, at any port: for tests against servers of their own, never in production.
    pub loopback: bool,
}

impl Default for Reach {
    fn default() -> Self {
        Self { ports: vec![80, 443], loopback: false }
    }
}

impl Reach {
    /// Why an address can't be connected to.
    pub fn check(&self, address: IpAddr, port: u16) -> Result<(), String> {
        if self.loopback && address.is_loopback() {
            return Ok(());
        }
        if !self.ports.contains(&port) {
            return Err(self.odd_port(port));
        }
        check_address(address).map_err(|block| format!("{address} is {}", block.what))
    }

    pub(crate) fn odd_port(&self, port: u16) -> String {
        let ports: Vec<String> = self.ports.iter().map(ToString::to_string).collect();
        format!("port {port} is not one that is fetched from ({})", ports.join(", "))
    }
}
