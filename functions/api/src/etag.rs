//! Entity tags: who asks again for what has not changed is told so in a few bytes.

use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A browser may keep an answer, and has to ask whether it still holds.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Of the digest; two different bodies of one address don't meet in it.
const TAG_BYTES: usize = 16;

/// Tags what a GET answers, and leaves the body out where the caller has it.
pub(crate) async fn tag(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let is_get = request.method() == Method::GET;
    let response = next.run(request).await;
    if !is_get || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // The body was made in memory by the handler: there is no more of it to wait for, and no limit to set.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = tag_of(&bytes);
    set_headers(&mut parts.headers, &tag);
    if asked.is_some_and(|asked| names(&asked, &tag)) {
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn tag_of(bytes: &[u8]) -> String {
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(&digest(&SHA256, bytes).as_ref()[..TAG_BYTES]))
}

fn set_headers(headers: &mut HeaderMap, tag: &str) {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(header::ETAG, tag);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(REVALIDATE);
    // Answers are the caller's own.
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
}

/// Whether a list of tags has this one; a weak tag counts, as it does for a GET.
fn names(list: &HeaderValue, tag: &str) -> bool {
    let Ok(list) = list.to_str() else { return false };
    list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_and_weak() {
        let tag = tag_of(b"body");
        for list in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            assert!(names(&HeaderValue::from_str(&list).unwrap(), &tag), "{list}");
        }
        assert!(!names(&HeaderValue::from_static("\"other\""), &tag) && tag != tag_of(b"another"));
    }
}
