//! Which addresses are public. Sources: IANA's registries of special-purpose addresses for IPv4 and IPv6, and the
//! addresses at which clouds serve their machines.

use ipnet::IpNet;
use std::{net::IpAddr, sync::LazyLock};

/// Addresses that are never fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub network: &'static str,
    /// As in "127.0.0.1 is …".
    pub what: &'static str,
}

const fn block(network: &'static str, what: &'static str) -> Block {
    Block { network, what }
}

/// Of several that hold an address the first gives the reason.
pub const BLOCKS: &[Block] = &[
    block("169.254.169.254/32", "the address at which clouds serve credentials to their machines"),
    block("168.63.129.16/32", "an address at which a cloud serves its machines"),
    block("fd00:ec2::/32", "the address at which a cloud serves credentials to its machines"),
    block("0.0.0.0/8", "an address of this machine"),
    block("10.0.0.0/8", "private"),
    block("100.64.0.0/10", "carrier-grade: shared inside a provider's network"),
    block("127.0.0.0/8", "this machine itself"),
    block("169.254.0.0/16", "link-local"),
    block("172.16.0.0/12", "private"),
    block("192.0.0.0/24", "reserved for protocols"),
    block("192.0.2.0/24", "for documentation"),
    block("192.31.196.0/24", "reserved for name servers that answer for private addresses"),
    block("192.52.193.0/24", "reserved for relays"),
    block("192.88.99.0/24", "a 6to4 relay"),
    block("192.168.0.0/16", "private"),
    block("192.175.48.0/24", "reserved for name servers that answer for private addresses"),
    block("198.18.0.0/15", "for benchmarks"),
    block("198.51.100.0/24", "for documentation"),
    block("203.0.113.0/24", "for documentation"),
    block("224.0.0.0/4", "multicast"),
    block("255.255.255.255/32", "broadcast"),
    block("240.0.0.0/4", "reserved"),
    block("::/128", "no address"),
    block("::1/128", "this machine itself"),
    block("::ffff:0:0/96", "an IPv4 address in IPv6"),
    block("::ffff:0:0:0/96", "an IPv4 address in IPv6"),
    block("::/96", "an IPv4 address in IPv6"),
    block("64:ff9b::/96", "an IPv4 address in IPv6"),
    block("64:ff9b:1::/48", "an IPv4 address in IPv6"),
    block("100::/64", "where packets are discarded"),
    block("2001::/32", "Teredo: an IPv4 address in IPv6"),
    block("2001:2::/48", "for benchmarks"),
    block("2001::/23", "reserved for protocols"),
    block("2001:db8::/32", "for documentation"),
    block("2002::/16", "6to4: an IPv4 address in IPv6"),
    block("2620:4f:8000::/48", "reserved for name servers that answer for private addresses"),
    block("3fff::/20", "for documentation"),
    block("5f00::/16", "reserved for routing by segments"),
    block("fc00::/7", "private"),
    block("fe80::/10", "link-local"),
    block("fec0::/10", "site-local"),
    block("ff00::/8", "multicast"),
];

/// IPv6 gives out global addresses in one block alone.
const GLOBAL_IPV6: &str = "2000::/3";
const OUTSIDE: Block = block("all of IPv6 but 2000::/3", "not a public address");

static NETWORKS: LazyLock<Vec<(IpNet, Block)>> =
    LazyLock::new(|| BLOCKS.iter().filter_map(|block| Some((block.network.parse().ok()?, *block))).collect());
static GLOBAL: LazyLock<Option<IpNet>> = LazyLock::new(|| GLOBAL_IPV6.parse().ok());

/// Whether an address is public; if not, the block it is in.
pub fn check_address(address: IpAddr) -> Result<(), Block> {
    if let Some((_, block)) = NETWORKS.iter().find(|(network, _)| network.contains(&address)) {
        return Err(*block);
    }
    match address {
        IpAddr::V6(_) if !GLOBAL.is_some_and(|global| global.contains(&address)) => Err(OUTSIDE),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn refused(text: &str) -> bool {
        check_address(text.parse().unwrap()).is_err()
    }

    #[test]
    fn every_block_is_a_network_and_both_its_ends_are_refused() {
        assert_eq!(NETWORKS.len(), BLOCKS.len());
        for (network, block) in NETWORKS.iter() {
            assert!(check_address(network.network()).is_err(), "{block:?}");
            assert!(check_address(network.broadcast()).is_err(), "{block:?}");
        }
    }

    #[test]
    fn what_lies_beside_a_block_is_public() {
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2003::1",
            "2a00::1",
            "3ffe::1",
        ] {
            assert!(!refused(text), "{text}");
        }
    }

    #[test]
    fn metadata_addresses_say_so() {
        for text in ["169.254.169.254", "fd00:ec2::254"] {
            assert!(check_address(text.parse().unwrap()).unwrap_err().what.contains("credentials"));
        }
    }

    proptest! {
        #[test]
        fn whatever_the_standard_library_calls_special_is_refused(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            let special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified() || address.octets()[0] == 0 || address.octets()[0] >= 240;
            prop_assert!(!special || check_address(address.into()).is_err());
        }

        #[test]
        fn an_ipv4_address_inside_ipv6_is_refused_whichever_it_is(bits: u32, low: u64) {
            let [a, b] = [(bits >> 16) as u16, bits as u16];
            let [c, d, e, f] = [(low >> 48) as u16, (low >> 32) as u16, (low >> 16) as u16, low as u16];
            let embedded = [
                Ipv4Addr::from_bits(bits).to_ipv6_mapped(),
                Ipv4Addr::from_bits(bits).to_ipv6_compatible(),
                Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, a, b),
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a, b),
                Ipv6Addr::new(0x64, 0xff9b, 1, a, b, c, d, e),
                Ipv6Addr::new(0x2002, a, b, c, d, e, f, 1),
                Ipv6Addr::new(0x2001, 0, c, d, e, f, !a, !b),
            ];
            for address in embedded {
                prop_assert!(check_address(address.into()).is_err(), "{}", address);
            }
        }

        #[test]
        fn ipv6_outside_the_global_block_is_refused(bits: u128) {
            let address = Ipv6Addr::from_bits(bits);
            let global = address.segments()[0] & 0xe000 == 0x2000;
            prop_assert!(global || check_address(address.into()).is_err());
            let special = address.is_unique_local() || address.is_unicast_link_local() || address.is_multicast();
            prop_assert!(!special || check_address(address.into()).is_err());
        }
    }
}
