//! A small OpenID provider in Cognito's place: whoever can reach it is the developer, or whom
//! `login_hint` names. It asks nothing and sends the browser straight back, and otherwise does what Cognito does: authorization code with PKCE, RS256.

mod codes;
pub use codes::random_text;
pub mod keys;

use crate::home::Home;
use anyhow::Context;
use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use codes::{Codes, Grant};
use keys::{Keys, Lifetime, person_of};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tower_http::cors::CorsLayer;

/// What the command line of a running issuer holds.
pub const MARK: &str = "serve-issuer";
/// The site's client id, which is the audience of its tokens.
pub const CLIENT_ID: &str = "heaters-site";

struct Issuer {
    address: String,
    /// Codes go back to pages below this address and nowhere else.
    site: String,
    keys: Keys,
    codes: Codes,
}

pub fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Serves until the process ends.
pub async fn serve(home: &Home, port: u16, site: &str) -> anyhow::Result<()> {
    let app = router(address(port), site, Keys::load_or_make(home)?)?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await;
    axum::serve(listener.with_context(|| format!("port {port} is taken"))?, app).await?;
    Ok(())
}

fn router(address: String, site: &str, keys: Keys) -> anyhow::Result<Router> {
    let origin = reqwest::Url::parse(site)?.origin().ascii_serialization();
    let cors = CorsLayer::new()
        .allow_origin(HeaderValue::from_str(&origin)?)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION]);
    let issuer = Issuer { address, site: site.to_owned(), keys, codes: Codes::default() };
    Ok(Router::new()
        .route("/.well-known/openid-configuration", get(configuration))
        .route("/jwks.json", get(jwks))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/logout", get(logout))
        .layer(cors)
        .with_state(Arc::new(issuer)))
}

async fn configuration(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let address = &issuer.address;
    Json(json!({
        "issuer": address,
        "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"),
        "end_session_endpoint": format!("{address}/logout"),
        "jwks_uri": format!("{address}/jwks.json"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
    }))
}

async fn jwks(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    Json(issuer.keys.jwks())
}

#[derive(Debug, Deserialize)]
struct Authorize {
    client_id: String,
    redirect_uri: String,
    response_type: String,
    code_challenge: String,
    code_challenge_method: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    login_hint: String,
}

async fn authorize(State(issuer): State<Arc<Issuer>>, Query(request): Query<Authorize>) -> Response {
    if request.client_id != CLIENT_ID || !request.redirect_uri.starts_with(&issuer.site) {
        return refuse("unauthorized_client", "The redirect address is not the review site's.");
    }
    if request.response_type != "code" || request.code_challenge_method != "S256" {
        return refuse("invalid_request", "Only the authorization code flow with S256 is offered.");
    }
    let Ok(mut back) = reqwest::Url::parse(&request.redirect_uri) else {
        return refuse("invalid_request", "The redirect address is not an address.");
    };
    let grant = Grant {
        challenge: request.code_challenge,
        redirect_uri: request.redirect_uri,
        nonce: request.nonce,
        person: person_of(&request.login_hint).to_owned(),
    };
    back.query_pairs_mut().append_pair("code", &issuer.codes.give(grant)).append_pair("state", &request.state);
    Redirect::to(back.as_str()).into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TokenRequest {
    grant_type: String,
    client_id: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    refresh_token: String,
}

async fn token(State(issuer): State<Arc<Issuer>>, Form(request): Form<TokenRequest>) -> Response {
    if request.client_id != CLIENT_ID {
        return refuse("invalid_client", "The client is unknown.");
    }
    let known = match request.grant_type.as_str() {
        "authorization_code" => issuer
            .codes
            .take(&request.code)
            .filter(|grant| grant.redirect_uri == request.redirect_uri && grant.is_proven_by(&request.code_verifier))
            .map(|grant| (grant.person, grant.nonce)),
        "refresh_token" => {
            issuer.keys.refreshed_person(&issuer.address, &request.refresh_token).map(|person| (person, String::new()))
        }
        _ => return refuse("unsupported_grant_type", "Only codes and refresh tokens are exchanged."),
    };
    let Some((person, nonce)) = known else {
        return refuse("invalid_grant", "The code or token is not valid, or not any more.");
    };
    let sign = |token_use, lifetime| issuer.keys.sign_for(&person, &issuer.address, token_use, lifetime, &nonce);
    let signed = sign("access", Lifetime::HOUR)
        .and_then(|access| Ok((access, sign("id", Lifetime::HOUR)?, sign("refresh", Lifetime::FORTNIGHT)?)));
    let Ok((access, id, refresh)) = signed else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = json!({
        "access_token": access, "id_token": id, "refresh_token": refresh,
        "token_type": "Bearer", "expires_in": Lifetime::HOUR.0, "scope": "openid profile email",
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Logout {
    post_logout_redirect_uri: String,
    logout_uri: String,
}

async fn logout(State(issuer): State<Arc<Issuer>>, Query(request): Query<Logout>) -> Response {
    let back = [request.post_logout_redirect_uri, request.logout_uri];
    match back.into_iter().find(|address| address.starts_with(&issuer.site)) {
        Some(address) => Redirect::to(&address).into_response(),
        None => Redirect::to(&format!("{}index.html", issuer.site)).into_response(),
    }
}

fn refuse(error: &str, description: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error, "error_description": description }))).into_response()
}

#[cfg(test)]
mod tests;
