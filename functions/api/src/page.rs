//! Pages of lists and the cursors between them.

use crate::{problem::Problem, types::Page};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) const MAX_LIMIT: u32 = 100;
pub(crate) const DEFAULT_LIMIT: u32 = 24;

/// A page's size as asked for.
pub(crate) fn limit(asked: Option<u32>, default: u32) -> Result<u32, Problem> {
    limit_up_to(MAX_LIMIT, asked, default)
}

pub(crate) fn limit_up_to(most: u32, asked: Option<u32>, default: u32) -> Result<u32, Problem> {
    let limit = asked.unwrap_or(default);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::bad_request(format!("A page has 1 to {most} items.")))
}

/// Where the page begins, as an earlier page's cursor says.
pub(crate) fn position<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let decoded = URL_SAFE_NO_PAD.decode(cursor).ok();
    let position = decoded.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    position.map(Some).ok_or_else(|| Problem::bad_request("This page's cursor is not one of ours."))
}

pub(crate) fn cursor<T: Serialize>(position: &T) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(position).unwrap_or_default())
}

/// Drops the one row that was read beyond the page and says whether there was one.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    more
}

pub(crate) fn page<T>(items: Vec<T>, next: Option<&impl Serialize>) -> Page<T> {
    Page { items, next_cursor: next.map(cursor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_nothing_else_does() {
        assert_eq!(position::<u32>(Some(&cursor(&7u32))).unwrap(), Some(7));
        assert!(position::<u32>(Some("7")).is_err() && position::<u32>(Some("\u{e9}")).is_err());
        assert!(limit(Some(0), 24).is_err() && limit(Some(101), 24).is_err());
    }
}
