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

    /// Signs a token of the developer.
    pub fn sign(&self, issuer: &str, token_use: &str, lifetime: Lifetime, nonce: &str) -> anyhow::Result<String> {
        self.sign_for(DEVELOPER, issuer, token_use, lifetime, nonce)
    }

    /// Signs a token of a person, with the claims that Cognito gives to a member of both groups.
    pub fn sign_for(
        &self,
        person: &str,
        issuer: &str,
        token_use: &str,
        lifetime: Lifetime,
        nonce: &str,
    ) -> anyhow::Result<String> {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let mut claims = json!({
            "iss": issuer, "aud": CLIENT_ID, "client_id": CLIENT_ID, "sub": person, "name": name_of(person),
            "email": format!("{person}@localhost"), "cognito:groups": ["reviewers", "operators"],
            "token_use": token_use, "scope": "openid profile email", "jti": random_text(),
            "auth_time": now, "iat": now, "exp": now + lifetime.0,
        });
        if !nonce.is_empty() {
            claims["nonce"] = json!(nonce);
        }
        let header = Header { kid: Some(self.id.clone()), ..Header::new(Algorithm::RS256) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    /// Whose refresh token it is, if it is one of this issuer's and still good.
    pub fn refreshed_person(&self, issuer: &str, token: &str) -> Option<String> {
        let claims = self.claims(issuer, token)?;
        (claims["token_use"] == "refresh").then(|| claims["sub"].as_str().map(str::to_owned))?
    }

    fn claims(&self, issuer: &str, token: &str) -> Option<Value> {
        let key = DecodingKey::from_rsa_components(&self.modulus, &self.exponent).ok()?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[CLIENT_ID]);
        validation.set_issuer(&[issuer]);
        Some(jsonwebtoken::decode::<Value>(token, &key, &validation).ok()?.claims)
    }
}

/// Who signs in unless another name is hinted at.
pub const DEVELOPER: &str = "developer";

/// The name of a hint: several reviewers on one machine are told apart by it. Anything but a plain short name is the
/// developer.
pub fn person_of(hint: &str) -> &str {
    let is_plain = (1..=32).contains(&hint.len()) && hint.bytes().all(|byte| byte.is_ascii_lowercase());
    if is_plain { hint } else { DEVELOPER }
}

fn name_of(person: &str) -> String {
    let mut letters = person.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
        assert_eq!(again.refreshed_person("http://i", &token).as_deref(), Some(DEVELOPER));
        assert_eq!(again.refreshed_person("http://elsewhere", &token), None);
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
        assert_eq!(keys.refreshed_person("http://i", &token), None);
    }

    #[test]
    fn only_a_plain_name_is_another_person() {
        assert_eq!(person_of("ada"), "ada");
        for hint in ["", "Ada", "a b", "<b>", &"a".repeat(33)] {
            assert_eq!(person_of(hint), DEVELOPER);
        }
        assert_eq!(name_of("ada"), "Ada");
    }
}
