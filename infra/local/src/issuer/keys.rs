//! The issuer's key and the tokens signed with it.

use super::{CLIENT_ID, codes::random_text};
use crate::home::{Home, write_private};
use anyhow::{Context, anyhow};
use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair, KeySize},
    signature::KeyPair as _,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use time::OffsetDateTime;

/// How long a token is good for, in seconds.
#[derive(Debug, Clone, Copy)]
pub struct Lifetime(pub i64);

impl Lifetime {
    pub const HOUR: Self = Self(3600);
    pub const WORKDAY: Self = Self(8 * 3600);
    pub const FORTNIGHT: Self = Self(14 * 24 * 3600);
}

pub struct Keys {
    signing: EncodingKey,
    modulus: String,
    exponent: String,
    id: String,
}

impl Keys {
    /// The key of this fabric; a new one where there is none.
    pub fn load_or_make(home: &Home) -> anyhow::Result<Self> {
        let path = home.data.join("issuer.key");
        if let Ok(der) = std::fs::read(&path) {
            return Self::from_pkcs8(&der).with_context(|| format!("{} is damaged: remove it", path.display()));
        }
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key could be made"))?;
        let der = pair.as_der().map_err(|_| anyhow!("the key could not be written"))?;
        home.prepare()?;
        write_private(&path, der.as_ref())?;
        Self::from_pkcs8(der.as_ref())
    }

    fn from_pkcs8(der: &[u8]) -> anyhow::Result<Self> {
        let pair = KeyPair::from_pkcs8(der).map_err(|error| anyhow!("not an RSA key: {error}"))?;
        let public = pair.public_key();
        let modulus = URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero());
        let exponent = URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines(&STANDARD.encode(der)));
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, modulus.as_bytes());
        let id = URL_SAFE_NO_PAD.encode(&digest.as_ref()[..9]);
        Ok(Self { signing: EncodingKey::from_rsa_pem(pem.as_bytes())?, modulus, exponent, id })
    }

    /// The public key as a JSON Web Key Set.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": self.modulus, "e": self.exponent,
        }]})
    }

    /// Signs a token of the developer, with the claims that Cognito gives to a member of both groups.
    pub fn sign(&self, issuer: &str, token_use: &str, lifetime: Lifetime, nonce: &str) -> anyhow::Result<String> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "client_id": CLIENT_ID, "sub": "developer", "name": "Developer",
            "email": "developer@localhost", "cognito:groups": ["reviewers", "operators"],
            "token_use": token_use, "scope": "openid profile email", "jti": random_text(),
            "auth_time": now, "iat": now, "exp": now + lifetime.0,
        });
        if !nonce.is_empty() {
            claims["nonce"] = json!(nonce);
        }
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    pub fn accepts_refresh(&self, issuer: &str, token: &str) -> bool {
        self.claims(issuer, token).is_some_and(|claims| claims["token_use"] == "refresh")
    }

    fn claims(&self, issuer: &str, token: &str) -> Option<Value> {
        let key = DecodingKey::from_rsa_components(&self.modulus, &self.exponent).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_issuer(&[issuer]);
        Some(jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims)
    }
}

/// PEM has lines of 64 characters.
fn lines(base64: &str) -> String {
    base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_issuer_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned(), data: folder.path().join("data") };
        let token = Keys::load_or_make(&home).unwrap().sign("http://i", "refresh", Lifetime::HOUR, "n").unwrap();
        let again = Keys::load_or_make(&home).unwrap();
        assert!(again.accepts_refresh("http://i", &token));
        assert!(!again.accepts_refresh("http://elsewhere", &token));
        let claims = again.claims("http://i", &token).unwrap();
        assert_eq!(claims["cognito:groups"], json!(["reviewers", "operators"]));
        assert_eq!((claims["sub"].as_str(), claims["nonce"].as_str()), (Some("developer"), Some("n")));
    }

    #[test]
    fn an_access_token_refreshes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home { root: folder.path().to_owned(), data: folder.path().to_owned() };
        let keys = Keys::load_or_make(&home).unwrap();
        let token = keys.sign("http://i", "access", Lifetime::HOUR, "").unwrap();
        assert!(!keys.accepts_refresh("http://i", &token));
    }
}
