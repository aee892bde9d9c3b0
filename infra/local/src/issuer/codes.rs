//! Authorization codes: each is good once, for a minute, and only for who started the sign-in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const GOOD_FOR: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// PKCE: the base64url of the verifier's SHA-256.
    pub challenge: String,
    pub redirect_uri: String,
    pub nonce: String,
    /// Who signed in.
    pub person: String,
}

impl Grant {
    pub fn is_proven_by(&self, verifier: &str) -> bool {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest) == self.challenge
    }
}

#[derive(Debug, Default)]
pub struct Codes {
    given: Mutex<HashMap<String, (Grant, Instant)>>,
}

impl Codes {
    pub fn give(&self, grant: Grant) -> String {
        let code = random_text();
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, (_, at)| at.elapsed() < GOOD_FOR);
        given.insert(code.clone(), (grant, Instant::now()));
        code
    }

    pub fn take(&self, code: &str) -> Option<Grant> {
        let (grant, at) = self.given.lock().unwrap_or_else(PoisonError::into_inner).remove(code)?;
        (at.elapsed() < GOOD_FOR).then_some(grant)
    }
}

/// 192 random bits in base64url.
pub fn random_text() -> String {
    let mut bytes = [0; 24];
    // The generator of aws-lc ends the process rather than give weak bytes.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_needs_its_verifier() {
        // The example of RFC 7636, appendix B.
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned();
        let codes = Codes::default();
        let (nonce, person) = Default::default();
        let code = codes.give(Grant { challenge, redirect_uri: "r".to_owned(), nonce, person });
        let grant = codes.take(&code).unwrap();
        assert!(grant.is_proven_by("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!grant.is_proven_by("something else"));
        assert_eq!(codes.take(&code), None);
    }
}
