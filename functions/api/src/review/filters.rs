use crate::problem::Problem;
use heaters_domain::ClipFilters;

/// The longest text that is searched for.
const MAX_TEXT_CHARS: usize = 200;

/// The filters that a page asks for, as the database takes them.
pub(crate) fn filters(asked: ClipFilters) -> Result<ClipFilters, Problem> {
    let numbers = [asked.min_seconds, asked.max_seconds, asked.min_confidence, asked.max_confidence];
    if numbers.into_iter().flatten().any(|number| !number.is_finite() || number < 0.0) {
        return Err(Problem::bad_request("Seconds and confidences are numbers from 0 on."));
    }
    let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.chars().count() > MAX_TEXT_CHARS);
    if long(&asked.text) || long(&asked.tag) {
        return Err(Problem::bad_request(format!("A text to look for has up to {MAX_TEXT_CHARS} characters.")));
    }
    // PostgreSQL keeps no text with a zero in it, so that nothing can match one.
    let text = |text: Option<String>| text.map(|text| text.trim().replace('\0', "")).filter(|text| !text.is_empty());
    Ok(ClipFilters { text: text(asked.text), tag: text(asked.tag), ..asked })
}
