//! The queue: clips by filters and in an order, and the leases that keep two pages from one clip.

use crate::{
    DbError,
    clips::{self, ClipRow, with_clip},
    query::{Params, count, get, optional, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipId, ClipState, VideoId};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Which clips are wanted; what is `None` does not filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filters {
    /// All but `archived` where none is named.
    pub state: Option<ClipState>,
    pub video: Option<VideoId>,
    pub min_seconds: Option<f64>,
    pub max_seconds: Option<f64>,
    pub min_confidence: Option<f64>,
    pub max_confidence: Option<f64>,
    /// A part of the video's title or of the clip's note, in any case.
    pub text: Option<String>,
    pub tag: Option<String>,
    pub group: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    #[default]
    Time,
    Confidence,
    LookAlike,
}

impl Order {
    /// The columns, each order with an index; the number makes it total.
    const fn columns(self) -> &'static str {
        match self {
            Self::Time => "clips.video_number, clips.start_frame, clips.number",
            Self::Confidence => "coalesce(clips.confidence, 2), clips.number",
            Self::LookAlike => "clips.look, clips.number",
        }
    }
}

/// What a list is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    pub filters: Filters,
    pub order: Order,
    /// The clip after which the list begins.
    pub after: Option<ClipId>,
    pub limit: u32,
}

/// The page that claims, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Claimer<'a> {
    pub actor: &'a str,
    /// The name for people.
    pub name: &'a str,
    pub page: Uuid,
    pub lease_seconds: f64,
}

/// Conditions with their parameters; only those that are asked for, so that each shape has a plan of its own.
struct Conditions {
    sql: Vec<String>,
    params: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Conditions {
    /// Adds a condition in which `?` stands for the value.
    fn add<T: ToSql + Sync + Send + 'static>(&mut self, condition: &str, value: Option<T>) {
        if let Some(value) = value {
            self.params.push(Box::new(value));
            self.sql.push(condition.replace('?', &format!("${}", self.params.len())));
        }
    }

    fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect()
    }

    fn fill(&self, sql: &str, wanted: &Wanted) -> String {
        sql.replace("{conditions}", &self.sql.join(" AND "))
            .replace("{order}", wanted.order.columns())
            .replace("{limit}", &wanted.limit.to_string())
    }
}

async fn conditions(
    client: &impl GenericClient,
    wanted: &Wanted,
    params: Vec<Box<dyn ToSql + Sync + Send>>,
) -> Result<Conditions, DbError> {
    let filters = wanted.filters.clone();
    let state = filters.state.map_or("<> 'archived'".to_owned(), |state| format!("= '{state}'"));
    let mut found = Conditions { sql: vec![format!("clips.state {state}")], params };
    found.add("videos.id = ?", filters.video.map(|id| id.0));
    found.add("clips.seconds >= ?", filters.min_seconds);
    found.add("clips.seconds <= ?", filters.max_seconds);
    // Said twice: the column tells the planner how few pass, the index is over the expression.
    found.add("clips.confidence >= ? AND coalesce(clips.confidence, 2) >= ?", filters.min_confidence);
    found.add("clips.confidence <= ? AND coalesce(clips.confidence, 2) <= ?", filters.max_confidence);
    found.add("clips.tags <> '{}' AND clips.tags @> ARRAY[?]::text[]", filters.tag);
    found.add("clips.group_id = ?", filters.group);
    if let Some(text) = filters.text {
        // Their numbers are values by now, so that an index finds their clips.
        let titled = rows(client, "looking for titles", sql!("queue/titled"), &[&text]).await?;
        let videos = titled.iter().map(|row| get(row, "number")).collect::<Result<Vec<i32>, DbError>>()?;
        let at = found.params.len();
        found.params.push(Box::new(videos));
        found.params.push(Box::new(text));
        found.sql.push(format!(
            "(clips.video_number = ANY (${}) OR (clips.note IS NOT NULL AND strpos(lower(clips.note), lower(${})) > 0))",
            at + 1,
            at + 2
        ));
    }
    if let Some(after) = wanted.after {
        begin_after(client, &mut found, wanted.order, after).await?;
    }
    Ok(found)
}

/// Begins behind a clip. Its place is read first: an index takes values, and not what a query yields.
async fn begin_after(
    client: &impl GenericClient,
    conditions: &mut Conditions,
    order: Order,
    after: ClipId,
) -> Result<(), DbError> {
    let Some(place) = optional(client, "finding a clip's place", sql!("queue/place"), &[&after.0]).await? else {
        return Ok(());
    };
    let at = conditions.params.len();
    let marks = match order {
        Order::Time => {
            conditions.params.push(Box::new(get::<i32>(&place, "video_number")?));
            conditions.params.push(Box::new(count(&place, "start_frame")? as i32));
            format!("${}, ${}, ${}", at + 1, at + 2, at + 3)
        }
        Order::Confidence => {
            conditions.params.push(Box::new(get::<f64>(&place, "confidence")?));
            format!("${}, ${}", at + 1, at + 2)
        }
        Order::LookAlike => {
            conditions.params.push(Box::new(get::<i64>(&place, "look")?));
            format!("${}, ${}", at + 1, at + 2)
        }
    };
    conditions.params.push(Box::new(get::<i64>(&place, "number")?));
    conditions.sql.push(format!("({}) > ({marks})", order.columns()));
    Ok(())
}

/// The clips that are wanted, in order.
pub async fn page(client: &impl GenericClient, wanted: &Wanted) -> Result<Vec<ClipRow>, DbError> {
    let conditions = conditions(client, wanted, Vec::new()).await?;
    let sql = conditions.fill(&with_clip(sql!("queue/page")), wanted);
    rows(client, "listing clips", &sql, &conditions.params()).await?.iter().map(ClipRow::from_row).collect()
}

/// Leases the next clips that are wanted to a page, those that it holds already among them, in order.
pub async fn claim(
    client: &impl GenericClient,
    wanted: &Wanted,
    claimer: &Claimer<'_>,
) -> Result<Vec<ClipRow>, DbError> {
    let params: Vec<Box<dyn ToSql + Sync + Send>> = vec![
        Box::new(claimer.page),
        Box::new(claimer.actor.to_owned()),
        Box::new(claimer.name.to_owned()),
        Box::new(claimer.lease_seconds),
    ];
    let conditions = conditions(client, wanted, params).await?;
    let sql = conditions.fill(sql!("queue/claim"), wanted);
    let found = rows(client, "claiming clips", &sql, &conditions.params()).await?;
    let numbers = found.iter().map(|row| get(row, "number")).collect::<Result<Vec<i64>, DbError>>()?;
    let mut clips: Vec<ClipRow> = clips::by_numbers(client, &numbers).await?.into_values().collect();
    match wanted.order {
        Order::Time => clips.sort_by_key(|clip| (clip.video_number, clip.range.start, clip.number)),
        Order::Confidence => clips.sort_by(|one, other| {
            let key = |clip: &ClipRow| clip.confidence.unwrap_or(2.0);
            key(one).total_cmp(&key(other)).then(one.number.cmp(&other.number))
        }),
        Order::LookAlike => clips.sort_by_key(|clip| (clip.look, clip.number)),
    }
    Ok(clips)
}

/// Makes the claims of clips last another lease; also where one had ended and nobody took the clip. Returns
/// those that the page has now.
pub async fn renew(
    client: &impl GenericClient,
    claimer: &Claimer<'_>,
    clips: &[ClipId],
) -> Result<Vec<ClipId>, DbError> {
    let ids: Vec<Uuid> = clips.iter().map(|clip| clip.0).collect();
    let params: Params<'_> = &[&claimer.page, &claimer.actor, &claimer.name, &claimer.lease_seconds, &ids];
    let found = rows(client, "renewing claims", sql!("queue/renew"), params).await?;
    found.iter().map(|row| get(row, "id").map(ClipId)).collect()
}

/// Gives up a page's claims and returns whose it had.
pub async fn release(
    client: &impl GenericClient,
    page: Uuid,
    actor: &str,
    clips: &[ClipId],
) -> Result<Vec<ClipId>, DbError> {
    let ids: Vec<Uuid> = clips.iter().map(|clip| clip.0).collect();
    let found = rows(client, "releasing claims", sql!("queue/release"), &[&page, &ids, &actor]).await?;
    found.iter().map(|row| get(row, "id").map(ClipId)).collect()
}
