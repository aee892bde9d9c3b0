//! Uploads in parts. What has arrived is what S3 lists; all else that has to be known is in the ticket that the
//! page holds, so that nothing is stored about them here.

use crate::{problem::Problem, state::App, types::UploadRequest};
use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use heaters_aws::{ArrivedPart, UploadError, UploadRef};
use heaters_domain::{causes, uploads};
use serde::{Deserialize, Deserializer, Serialize, de::Error};

/// What goes on with an upload. It is no secret of ours: S3 takes no upload's name but with its own key, and what
/// it says about the size is checked against what has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub key: String,
    id: String,
    size_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Written(String, String, u64);

impl Ticket {
    pub(crate) fn to_text(&self) -> String {
        let written = Written(self.key.clone(), self.id.clone(), self.size_bytes);
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
    }

    fn read(text: &str) -> Option<Self> {
        let Written(key, id, size_bytes) = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let plausible = (1..=uploads::MAX_BYTES).contains(&size_bytes) && key == uploads::key_of(&key);
        plausible.then_some(Self { key, id, size_bytes })
    }

    /// Each part's size but the last one's, and how many there are.
    pub(crate) fn parts(&self) -> (u64, u32) {
        uploads::parts(self.size_bytes)
    }

    pub(crate) fn object(&self) -> UploadRef {
        UploadRef { key: self.key.clone(), id: self.id.clone() }
    }
}

impl<'de> Deserialize<'de> for Ticket {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| D::Error::custom("not an upload of ours"))
    }
}

pub(crate) async fn begin(app: &App, request: &UploadRequest) -> Result<Ticket, Problem> {
    let limit = app.settings.upload_limit_bytes.min(uploads::MAX_BYTES);
    let size_bytes = request.size_bytes;
    if size_bytes == 0 {
        return Err(Problem::bad_request("The file is empty."));
    }
    if size_bytes > limit {
        let (size, limit) = (gigabytes(size_bytes), gigabytes(limit));
        return Err(Problem::bad_request(format!(
            "The file has {size} GB; {limit} GB is the most that can be uploaded."
        )));
    }
    let key = uploads::key_of(&request.name);
    let begun = app.uploads.begin(&key, "application/octet-stream", request.last_modified_ms).await.map_err(problem)?;
    Ok(Ticket { key, id: begun.id, size_bytes })
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e9)
}

/// The parts that have arrived whole.
pub(crate) async fn arrived(app: &App, ticket: &Ticket) -> Result<Vec<ArrivedPart>, UploadError> {
    let mut parts = app.uploads.arrived(&ticket.object()).await?;
    parts.retain(|part| part.size_bytes == size_of(ticket, part.number));
    Ok(parts)
}

/// A part's size; 0 for one that the file does not have.
fn size_of(ticket: &Ticket, number: u32) -> u64 {
    let (part_bytes, parts) = ticket.parts();
    match number {
        number if number == parts => ticket.size_bytes - part_bytes * u64::from(parts - 1),
        number if number < parts && number > 0 => part_bytes,
        _ => 0,
    }
}

/// Makes the object and returns its version.
pub(crate) async fn complete(app: &App, ticket: &Ticket) -> Result<Option<String>, Problem> {
    let (_, count) = ticket.parts();
    let done = match arrived(app, ticket).await {
        Ok(parts) if parts.len() as u32 == count => app.uploads.complete(&ticket.object(), &parts).await,
        Ok(parts) => {
            let missing = count - parts.len() as u32;
            return Err(Problem::conflict(format!("{missing} of the file's {count} parts have not arrived yet.")));
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(Some(version)) => Ok(Some(version)),
        // Not every store names the version at once.
        Ok(None) => Ok(app.uploads.latest(&ticket.key).await.map_err(problem)?.and_then(|found| found.version)),
        Err(UploadError::Gone { .. }) => completed_before(app, ticket).await,
        Err(error) => Err(problem(error)),
    }
}

/// The version of an upload whose first answer was lost: the key's latest object, if it has the file's size and as
/// many parts, which S3 writes behind the entity tag.
async fn completed_before(app: &App, ticket: &Ticket) -> Result<Option<String>, Problem> {
    let (_, count) = ticket.parts();
    let found = app.uploads.latest(&ticket.key).await.map_err(problem)?;
    let same = found.filter(|found| {
        found.size_bytes == ticket.size_bytes && found.etag.trim_matches('"').ends_with(&format!("-{count}"))
    });
    same.map(|found| found.version).ok_or_else(gone)
}

pub(crate) fn problem(error: UploadError) -> Problem {
    match error {
        UploadError::Gone { .. } => gone(),
        error @ UploadError::Service { .. } => {
            tracing::error!(detail = %causes(&error), "no upload");
            Problem::new(StatusCode::BAD_GATEWAY, "The storage did not answer. Try again.")
        }
    }
}

fn gone() -> Problem {
    Problem::not_found("This upload was finished, given up, or left alone for too long. Upload the file again.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_comes_back_and_what_is_none_does_not() {
        let ticket = Ticket { key: "Ünï + 1.mp4".to_owned(), id: "a-b_c.d".to_owned(), size_bytes: 40 << 20 };
        assert_eq!(Ticket::read(&ticket.to_text()), Some(ticket.clone()));
        assert_eq!((1..=4).map(|number| size_of(&ticket, number) >> 20).collect::<Vec<_>>(), [16, 16, 8, 0]);
        let elsewhere = Ticket { key: "../x/a.mp4".to_owned(), ..ticket.clone() };
        let empty = Ticket { size_bytes: 0, ..ticket };
        for text in [elsewhere.to_text(), empty.to_text(), "nonsense".to_owned()] {
            assert_eq!(Ticket::read(&text), None, "{text}");
        }
    }
}
