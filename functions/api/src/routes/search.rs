use crate::{
    auth::Caller,
    extract::{Id, Params},
    page,
    problem::Problem,
    review,
    state::App,
    types::{Clip, Model, Page, ProblemDetails, SimilarClip, SimilarOrder, SimilarQuery, Strategy},
    view,
};
use axum::{Extension, Json, extract::State};
use heaters_db::{
    GenericClient, begin, clips, commit,
    search::{self, Match},
};
use heaters_domain::ClipId;
use std::sync::Arc;

const DEFAULT_LIMIT: u32 = 12;

/// Far enough to page through what looks alike; beyond it the index would be walked in vain.
const MAX_OFFSET: u32 = 1000;

/// Any clip that can be searched with.
#[utoipa::path(get, path = "/v1/search/random", responses(
    (status = OK, body = Clip),
    (status = NOT_FOUND, description = "No clip is searchable yet.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn random_clip(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Clip>, Problem> {
    let session = app.db.session().await?;
    let number = search::random_clip(&session, &app.settings.model).await?.ok_or_else(none_searchable)?;
    let row = clips::by_numbers(&session, &[number]).await?.remove(&number).ok_or_else(none_searchable)?;
    Ok(Json(view::clip(&app, &caller, &session, row).await?))
}

/// The clips that look most, or least, like this one.
#[utoipa::path(get, path = "/v1/clips/{id}/similar", params(("id" = ClipId, Path), SimilarQuery), responses(
    (status = OK, body = Page<SimilarClip>),
    (status = BAD_REQUEST, body = ProblemDetails, content_type = "application/problem+json"),
    (status = NOT_FOUND, description = "There is no such clip, or it is not searchable yet.",
     body = ProblemDetails, content_type = "application/problem+json"),
))]
pub(crate) async fn similar(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id<ClipId>,
    Params(query): Params<SimilarQuery>,
) -> Result<Json<Page<SimilarClip>>, Problem> {
    let limit = page::limit(query.limit, DEFAULT_LIMIT)?;
    let offset = page::position::<u32>(query.cursor.as_deref())?.unwrap_or(0);
    if offset > MAX_OFFSET {
        return Err(Problem::bad_request("The list does not go on that far."));
    }
    let mut session = app.db.session().await?;
    let row = clips::by_id(&session, id).await?.ok_or_else(review::no_clip)?;
    let model = search::model(&session, &app.settings.model).await?.ok_or_else(not_searchable)?;
    let wanted = search::Similar {
        clip_number: row.number,
        model: &model,
        tags: tags(query.strategy.unwrap_or_default()),
        offset,
        limit: limit + 1,
    };
    let work = begin(&mut session).await?;
    let found = match query.order.unwrap_or_default() {
        SimilarOrder::Most => search::most_similar(&work, &wanted).await?,
        SimilarOrder::Least => search::least_similar(&work, &wanted).await?,
    };
    commit(work).await?;
    let mut matches = found.ok_or_else(not_searchable)?;
    let more = page::cut(&mut matches, limit);
    let items = similar_clips(&app, &caller, &session, &matches).await?;
    Ok(Json(page::page(items, more.then_some(offset + limit).as_ref())))
}

/// The embedding models that have vectors here.
#[utoipa::path(get, path = "/v1/models", responses((status = OK, body = Vec<Model>)))]
pub(crate) async fn models(State(app): State<Arc<App>>) -> Result<Json<Vec<Model>>, Problem> {
    let session = app.db.session().await?;
    let models = search::models(&session).await?;
    Ok(Json(models.into_iter().map(|model| Model { name: model.name, dimension: model.dimension }).collect()))
}

/// The tags of the stills that a strategy compares.
fn tags(strategy: Strategy) -> &'static [&'static str] {
    match strategy {
        Strategy::Multi => &["multi_25", "multi_50", "multi_75"],
        Strategy::Midpoint => &["midpoint"],
    }
}

async fn similar_clips(
    app: &App,
    caller: &Caller,
    client: &impl GenericClient,
    matches: &[Match],
) -> Result<Vec<SimilarClip>, Problem> {
    let numbers: Vec<i64> = matches.iter().map(|found| found.clip_number).collect();
    let mut rows = clips::by_numbers(client, &numbers).await?;
    let (ranked, similarities): (Vec<_>, Vec<_>) =
        matches.iter().filter_map(|found| rows.remove(&found.clip_number).map(|row| (row, found.similarity))).unzip();
    let clips = view::clips(app, caller, client, ranked).await?;
    let pairs = clips.into_iter().zip(similarities);
    Ok(pairs.map(|(clip, similarity)| similar_clip(clip, similarity)).collect())
}

fn similar_clip(clip: Clip, similarity: f64) -> SimilarClip {
    SimilarClip { clip, similarity: similarity as f32, percent: (similarity * 100.0).round().clamp(0.0, 100.0) as u8 }
}

fn none_searchable() -> Problem {
    Problem::not_found("No clip is searchable yet. Approve one and wait until it is published.")
}

fn not_searchable() -> Problem {
    Problem::not_found("This clip is not searchable yet. It is once it is approved and published.")
}
