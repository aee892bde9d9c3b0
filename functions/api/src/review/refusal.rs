//! What is not done, in sentences.

use crate::problem::Problem;
use heaters_db::{DbError, GenericClient, review};
use heaters_domain::review::{ActionError, BuiltOn};

pub(super) fn of_action(error: &ActionError) -> Problem {
    match error {
        error if error.is_bad_request() => Problem::bad_request(error.to_string()),
        ActionError::Unknown(_) => Problem::not_found(error.to_string()),
        _ => Problem::conflict(error.to_string()),
    }
}

/// Names who went on from an event, and how.
pub(super) async fn of_built_on(
    client: &impl GenericClient,
    built_on: BuiltOn,
    caller: &str,
) -> Result<Problem, DbError> {
    let by = review::actor_of(client, built_on.by).await?;
    Ok(match by {
        Some((name, action)) if name != caller => Problem::conflict(format!(
            "{name} has gone on from there ({}). It can't be taken back unless {name} takes that back first.",
            action.noun()
        )),
        _ => Problem::conflict("The clips have changed since. It can't be taken back any more."),
    })
}

pub(super) fn claimed(name: &str, clips: usize) -> Problem {
    let what = if clips == 1 { "this clip" } else { "one of these clips" };
    Problem::conflict(format!("{name} is reviewing {what} just now. Go on with another one."))
}

/// Two requests at once that share their id meet in the log; two undos at once of one event as well.
pub(super) fn of_record(error: DbError) -> Problem {
    match error.constraint() {
        Some("review_events_request_id_key") => used_id(),
        Some("review_events_undoes_key") => Problem::conflict("This is being taken back already."),
        _ => error.into(),
    }
}

pub(super) fn used_id() -> Problem {
    Problem::conflict("This request id was used for something else.")
}

pub(crate) fn no_clip() -> Problem {
    Problem::not_found("There is no such clip.")
}

pub(crate) fn no_video() -> Problem {
    Problem::not_found("There is no such video.")
}
