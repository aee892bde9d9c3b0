use crate::{
    extract::{Id, Params},
    page,
    problem::Problem,
    review,
    state::App,
    types::{Activity, Page, PageQuery, ProblemDetails, TagCount},
};
use axum::{Json, extract::State};
use heaters_db::{
    clips,
    review::{self as log, ActivityRow},
    videos,
};
use heaters_domain::{
    ClipId, Rational, VideoId,
    review::{Told, tell},
};
use std::sync::Arc;

/// What people did to a video and its clips, latest first.
#[utoipa::path(get, path = "/v1/videos/{id}/activity", params(("id" = VideoId, Path), PageQuery), responses(
    (status = OK, body = Page<Activity>),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn of_video(
    State(app): State<Arc<App>>,
    Id(id): Id<VideoId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Activity>>, Problem> {
    let (limit, below) = (page::limit(query.limit, page::DEFAULT_LIMIT)?, page::position(query.cursor.as_deref())?);
    let session = app.db.session().await?;
    let video = videos::by_id(&session, id).await?.ok_or_else(review::no_video)?;
    let rows = log::of_video(&session, video.number, below, i64::from(limit) + 1).await?;
    Ok(Json(lines(rows, limit, video.fps)))
}

/// What people did to a clip and to those it was made of, latest first.
#[utoipa::path(get, path = "/v1/clips/{id}/activity", params(("id" = ClipId, Path), PageQuery), responses(
    (status = OK, body = Page<Activity>),
    (status = NOT_FOUND, body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn of_clip(
    State(app): State<Arc<App>>,
    Id(id): Id<ClipId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Activity>>, Problem> {
    let (limit, below) = (page::limit(query.limit, page::DEFAULT_LIMIT)?, page::position(query.cursor.as_deref())?);
    let session = app.db.session().await?;
    let clip = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    let rows = log::of_clip(&session, clip.number, below, i64::from(limit) + 1).await?;
    Ok(Json(lines(rows, limit, Some(clip.fps))))
}

/// The tags that active clips carry, those of most clips first.
#[utoipa::path(get, path = "/v1/tags", responses((status = OK, body = Vec<TagCount>)))]
pub(crate) async fn tags(State(app): State<Arc<App>>) -> Result<Json<Vec<TagCount>>, Problem> {
    let session = app.db.session().await?;
    let tags = log::tags(&session).await?;
    Ok(Json(tags.into_iter().map(|(tag, clips)| TagCount { tag, clips }).collect()))
}

fn lines(mut rows: Vec<ActivityRow>, limit: u32, fps: Option<Rational>) -> Page<Activity> {
    let more = page::cut(&mut rows, limit);
    let items: Vec<Activity> = rows.into_iter().map(|row| line(row, fps)).collect();
    let next = items.last().filter(|_| more).map(|line| line.id);
    page::page(items, next.as_ref())
}

fn line(row: ActivityRow, fps: Option<Rational>) -> Activity {
    let told = Told {
        action: row.action,
        root: row.root_action,
        change: row.change.as_ref(),
        clips: row.clips,
        fps: fps.unwrap_or(Rational { num: 25, den: 1 }),
    };
    Activity {
        id: row.id,
        at: row.at,
        actor_name: row.actor_name,
        action: row.action,
        summary: tell(&told),
        clips: row.clip_ids,
        took_ms: row.took_ms,
        undone: row.undone,
    }
}
