use crate::{
    problem::Problem,
    types::{ClipFilters, ClipOrder, ClipsQuery},
};
use heaters_db::queue::{Filters, Order};

/// The longest text that is searched for.
const MAX_TEXT_CHARS: usize = 200;

/// The filters that a page asks for, of clips in any state.
pub(crate) fn filters(asked: ClipFilters) -> Result<Filters, Problem> {
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
    Ok(Filters {
        state: None,
        video: asked.video,
        min_seconds: asked.min_seconds,
        max_seconds: asked.max_seconds,
        min_confidence: asked.min_confidence,
        max_confidence: asked.max_confidence,
        text: text(asked.text),
        tag: text(asked.tag),
        group: asked.group,
    })
}

pub(crate) fn order(asked: ClipOrder) -> Order {
    match asked {
        ClipOrder::Time => Order::Time,
        ClipOrder::Confidence => Order::Confidence,
        ClipOrder::LookAlike => Order::LookAlike,
    }
}

impl From<ClipsQuery> for ClipFilters {
    fn from(query: ClipsQuery) -> Self {
        Self {
            video: query.video,
            min_seconds: query.min_seconds,
            max_seconds: query.max_seconds,
            min_confidence: query.min_confidence,
            max_confidence: query.max_confidence,
            text: query.text,
            tag: query.tag,
            group: query.group,
        }
    }
}
