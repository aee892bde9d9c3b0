//! Where fetching for people may lead, from configuration.

use crate::Config;
use heaters_domain::egress::Reach;

/// Lets tests fetch from servers of their own on this machine.
const ALLOW_LOOPBACK: &str = "GUARD_ALLOW_LOOPBACK_FOR_TESTS";
const PORTS: &str = "FETCH_PORTS";

/// A setting that would open a way inside, as a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    #[error(
        "{ALLOW_LOOPBACK} is set outside a local fabric: it lets people fetch from this machine and is for tests alone."
    )]
    LoopbackInProduction,
    #[error("{PORTS} is {0:?}: it is a list of ports such as 80,443.")]
    Ports(String),
}

/// Refuses to let fetching reach this machine wherever the services are not an emulator of this machine.
pub fn reach(config: &Config) -> Result<Reach, EgressError> {
    let mut reach = Reach::default();
    if let Some(ports) = config.get(PORTS) {
        let parsed = ports.split(',').map(|port| port.trim().parse().ok().filter(|port| *port > 0)).collect();
        reach.ports = Option::<Vec<u16>>::ok_or(parsed, EgressError::Ports(ports.to_owned()))?;
    }
    if config.get(ALLOW_LOOPBACK).is_some() {
        let emulator = config.get("AWS_ENDPOINT_URL").unwrap_or_default();
        if !emulator.starts_with("http://127.0.0.1:") {
            return Err(EgressError::LoopbackInProduction);
        }
        reach.loopback = true;
    }
    Ok(reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_reached_beside_an_emulator_alone() {
        let allowed = (ALLOW_LOOPBACK, "1");
        assert_eq!(reach(&Config::from_pairs([allowed])), Err(EgressError::LoopbackInProduction));
        let aws = ("AWS_ENDPOINT_URL", "https://s3.eu-west-1.amazonaws.com");
        assert_eq!(reach(&Config::from_pairs([allowed, aws])), Err(EgressError::LoopbackInProduction));
        let disguised = ("AWS_ENDPOINT_URL", "http://127.0.0.1.example.org");
        assert!(reach(&Config::from_pairs([allowed, disguised])).is_err());
        let local = ("AWS_ENDPOINT_URL", "http://127.0.0.1:4599");
        assert!(reach(&Config::from_pairs([allowed, local])).unwrap().loopback);
        assert!(!reach(&Config::from_pairs([local])).unwrap().loopback);
    }

    #[test]
    fn ports_are_a_list() {
        assert_eq!(reach(&Config::from_pairs([(PORTS, "443, 8443")])).unwrap().ports, [443, 8443]);
        for wrong in ["x", "0", "80,,443", "70000"] {
            assert!(matches!(reach(&Config::from_pairs([(PORTS, wrong)])), Err(EgressError::Ports(_))), "{wrong}");
        }
    }
}
