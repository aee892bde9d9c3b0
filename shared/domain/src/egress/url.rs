//! Which URLs are fetched, and which of them mean the same.

use super::Reach;
use ::url::{Host, Url};

/// Longer ones are no addresses that somebody copied from a page.
const LONGEST: usize = 4096;

/// Parameters that say where a link was found, and not what it leads to.
const TRACKING: [&str; 6] = ["fbclid", "gclid", "igshid", "mc_cid", "mc_eid", "msclkid"];

/// Why a URL is not fetched, as a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    #[error("{0:?} is not a web address.")]
    NotAUrl(String),
    #[error("The address is longer than {LONGEST} characters.")]
    TooLong,
    #[error("Only http and https addresses can be fetched, not {0}.")]
    Scheme(String),
    #[error("The address holds a user name or a password: those are not sent.")]
    Credentials,
    #[error("{host} can't be fetched from: {reason}.")]
    Address { host: String, reason: String },
}

/// Parses a URL and checks what can be checked without asking for its name: scheme, credentials, port, and the
/// address where it names one, in whatever spelling.
pub fn check_url(text: &str, reach: &Reach) -> Result<Url, UrlRefusal> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(UrlRefusal::TooLong);
    }
    let mut url = Url::parse(text).map_err(|_| UrlRefusal::NotAUrl(text.to_owned()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlRefusal::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlRefusal::Credentials);
    }
    let refused = |host: String, reason| UrlRefusal::Address { host, reason };
    let port = url.port_or_known_default().unwrap_or_default();
    match url.host() {
        None => return Err(UrlRefusal::NotAUrl(text.to_owned())),
        Some(Host::Ipv4(address)) => {
            reach.check(address.into(), port).map_err(|reason| refused(address.to_string(), reason))?;
        }
        Some(Host::Ipv6(address)) => {
            reach.check(address.into(), port).map_err(|reason| refused(address.to_string(), reason))?;
        }
        // A name may lead to this machine, where that is allowed: whoever connects finds out.
        Some(Host::Domain(name)) if !reach.loopback && !reach.ports.contains(&port) => {
            return Err(refused(name.to_owned(), reach.odd_port(port)));
        }
        Some(Host::Domain(_)) => {}
    }
    url.set_fragment(None);
    Ok(url)
}

/// What two URLs that mean the same have in common: host, port, path and parameters, but neither the scheme nor
/// parameters that say where a link was found.
pub fn url_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let is_tracking = |name: &str| name.starts_with("utm_") || TRACKING.contains(&name);
    let mut parameters: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !is_tracking(name))
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    parameters.sort();
    let query: String = ::url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let path = url.path().trim_end_matches('/');
    format!("{host}{port}{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> String {
        check_url(text, &Reach::default()).map_or_else(|error| error.to_string(), |url| format!("allowed: {url}"))
    }

    #[test]
    fn odd_spellings_of_this_machine_are_this_machine() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "2130706433",
            "0x7f000001",
            "0x7f.1",
            "0177.0.0.1",
            "017700000001",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "①②⑦.0.0.1",
            "127。0。0。1",
            "0",
            "0x0",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "0251.0376.0251.0376",
            "[fd00:ec2::254]",
            "10.0.0.1",
            "0xa.1",
            "192.168.257",
            "100.64.0.1",
            "[fe80::1]",
            "[fc00::1]",
        ] {
            let sentence = refusal(&format!("http://{host}/latest"));
            assert!(sentence.contains("can't be fetched from") && sentence.ends_with('.'), "{host}: {sentence}");
        }
    }

    #[test]
    fn other_schemes_credentials_ports_and_zones_are_refused() {
        for (url, words) in [
            ("file:///etc/passwd", "not file"),
            ("ftp://example.org/a.mp4", "not ftp"),
            ("data:video/mp4;base64,AAAA", "not data"),
            ("gopher://example.org:70/", "not gopher"),
            ("concat:a.ts|b.ts", "not concat"),
            ("javascript:alert(1)", "not javascript"),
            ("http://user@example.org/", "user name"),
            ("https://user:secret@example.org/", "password"),
            ("http://example.org:22/", "port 22"),
            ("https://example.org:8443/", "port 8443"),
            ("http://1.1.1.1:6379/", "port 6379"),
            ("http://[fe80::1%25eth0]/", "not a web address"),
            ("http://[fe80::1%eth0]/", "not a web address"),
            ("http:///etc/passwd/../..", "port"),
            ("/etc/passwd", "not a web address"),
            ("", "not a web address"),
        ] {
            let sentence = refusal(url);
            let refused = !sentence.starts_with("allowed") || words == "port";
            assert!(refused && (sentence.contains(words) || words == "port"), "{url}: {sentence}");
        }
        assert!(refusal(&format!("http://example.org/{}", "a".repeat(LONGEST))).contains("longer than"));
    }

    #[test]
    fn public_urls_are_allowed_without_their_fragment() {
        assert_eq!(refusal(" https://Example.org:443/a b?c=d#e "), "allowed: https://example.org/a%20b?c=d");
        assert_eq!(refusal("http://1.1.1.1/"), "allowed: http://1.1.1.1/");
    }

    #[test]
    fn this_machine_is_allowed_by_a_setting_of_tests_alone() {
        let tests = Reach { loopback: true, ..Reach::default() };
        assert!(check_url("http://127.0.0.1:5000/a.mp4", &tests).is_ok());
        assert!(check_url("http://169.254.169.254/", &tests).is_err());
        assert!(check_url("http://10.0.0.1:5000/", &tests).is_err());
    }

    #[test]
    fn urls_that_mean_the_same_have_one_key() {
        let key = |text: &str| url_key(&check_url(text, &Reach::default()).unwrap());
        let one = key("https://example.org/watch?v=1&list=2");
        for same in [
            "http://www.EXAMPLE.org./watch?v=1&list=2",
            "https://example.org:443/watch/?list=2&v=1#t=5",
            "https://example.org/watch?utm_source=mail&v=1&list=2&fbclid=x",
        ] {
            assert_eq!(key(same), one, "{same}");
        }
        for other in ["https://example.org/watch?v=2&list=2", "https://example.org/Watch?v=1&list=2"] {
            assert_ne!(key(other), one, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_spelling_of_an_ipv4_address_changes_the_verdict(bits: u32) {
            let [a, b, c, d] = bits.to_be_bytes();
            let wanted = Reach::default().check(std::net::Ipv4Addr::from_bits(bits).into(), 80).is_ok();
            for host in [
                format!("{a}.{b}.{c}.{d}"), format!("{bits}"), format!("{bits:#x}"), format!("{a}.{}", bits & 0xff_ffff),
                format!("{a}.{b}.{}", bits & 0xffff), format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"), format!("{a:#x}.{b}.{c}.{d}."),
            ] {
                prop_assert_eq!(check_url(&format!("http://{host}/"), &Reach::default()).is_ok(), wanted, "{}", host);
            }
        }

        #[test]
        fn a_key_does_not_depend_on_the_order_of_parameters(
            pairs in prop::collection::vec(("[a-z]{1,4}", "[a-z0-9]{0,4}"), 0..5),
        ) {
            let url = |pairs: &[(String, String)]| {
                let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
                check_url(&format!("https://example.org/a?{}", query.join("&")), &Reach::default()).unwrap()
            };
            let mut reversed = pairs.clone();
            reversed.reverse();
            prop_assert_eq!(url_key(&url(&pairs)), url_key(&url(&reversed)));
        }
    }
}
