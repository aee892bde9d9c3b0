use super::{Caller, keys::Keys};
use crate::problem::Problem;
use axum::http::StatusCode;
use heaters_domain::causes;
use heaters_runtime::{Config, ConfigError};
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;

/// Which tokens count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthConfig {
    pub issuer: String,
    /// The site's client id.
    pub audience: String,
    pub jwks_url: String,
}

impl AuthConfig {
    pub fn from_config(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            issuer: config.require("AUTH_ISSUER")?.to_owned(),
            audience: config.require("AUTH_AUDIENCE")?.to_owned(),
            jwks_url: config.require("AUTH_JWKS_URL")?.to_owned(),
        })
    }
}

/// Checks tokens: signature, issuer, audience, expiry.
pub struct Verifier {
    audience: String,
    validation: Validation,
    keys: Keys,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn contains(&self, wanted: &str) -> bool {
        match self {
            Self::One(one) => one == wanted,
            Self::More(all) => all.iter().any(|one| one == wanted),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Claims {
    sub: String,
    aud: Option<OneOrMore>,
    /// Cognito's access tokens name the client here and have no audience.
    client_id: Option<String>,
    token_use: Option<String>,
    name: Option<String>,
    email: Option<String>,
    username: Option<String>,
    #[serde(default, rename = "cognito:groups")]
    groups: Vec<String>,
}

impl Verifier {
    pub fn new(config: AuthConfig) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&config.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        validation.validate_nbf = true;
        // It may stand in `client_id`: see `is_for_us`.
        validation.validate_aud = false;
        Self { audience: config.audience, validation, keys: Keys::new(config.jwks_url) }
    }

    /// The caller whom a token speaks for.
    pub(crate) async fn verify(&self, token: &str) -> Result<Caller, Problem> {
        let key_id = decode_header(token).ok().and_then(|header| header.kid).ok_or_else(invalid)?;
        let key = self.keys.find(&key_id).await.map_err(|error| {
            tracing::error!(detail = %causes(&error), "tokens can't be checked");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Signing in can't be checked just now. Try again.")
        })?;
        let claims: Claims = decode(token, &key.ok_or_else(invalid)?, &self.validation).map_err(|_| invalid())?.claims;
        if !self.is_for_us(&claims) {
            return Err(invalid());
        }
        let name = claims.name.or(claims.email).or(claims.username).unwrap_or_else(|| claims.sub.clone());
        Ok(Caller { subject: claims.sub, name, roles: claims.groups })
    }

    fn is_for_us(&self, claims: &Claims) -> bool {
        let is_access = claims.token_use.as_deref().is_none_or(|kind| kind == "access");
        let by_audience = claims.aud.as_ref().is_some_and(|audience| audience.contains(&self.audience));
        is_access && (by_audience || claims.client_id.as_deref() == Some(self.audience.as_str()))
    }
}

fn invalid() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "Your sign-in is not valid any more. Sign in again.")
}
