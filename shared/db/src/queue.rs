//! The queue: clips by filters and in an order.

use crate::{
    DbError,
    clips::{ClipRow, with_clip},
    query::{count, get, optional, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipFilters, ClipId, ClipOrder, ClipState};
use tokio_postgres::types::ToSql;

/// An order's columns, each order with an index; the number makes it total.
const fn columns(order: ClipOrder) -> &'static str {
    match order {
        ClipOrder::Time => "clips.video_number, clips.start_frame, clips.number",
        ClipOrder::Confidence => "coalesce(clips.confidence, 2), clips.number",
        ClipOrder::LookAlike => "clips.look, clips.number",
    }
}

/// What a list is made of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// All but `archived` where none is named.
    pub state: Option<ClipState>,
    pub filters: ClipFilters,
    pub order: ClipOrder,
    /// The clip after which the list begins.
    pub after: Option<ClipId>,
    pub limit: u32,
}

/// Conditions with their parameters; only those that are asked for, so that each shape has a plan of its own.
pub(crate) struct Conditions {
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

    pub(crate) fn params(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect()
    }

    pub(crate) fn fill(&self, sql: &str, wanted: &Wanted) -> String {
        sql.replace("{conditions}", &self.sql.join(" AND "))
            .replace("{order}", columns(wanted.order))
            .replace("{limit}", &wanted.limit.to_string())
    }
}

pub(crate) async fn conditions(
    client: &impl GenericClient,
    wanted: &Wanted,
    params: Vec<Box<dyn ToSql + Sync + Send>>,
) -> Result<Conditions, DbError> {
    let filters = wanted.filters.clone();
    let state = wanted.state.map_or("<> 'archived'".to_owned(), |state| format!("= '{state}'"));
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
    order: ClipOrder,
    after: ClipId,
) -> Result<(), DbError> {
    let Some(place) = optional(client, "finding a clip's place", sql!("queue/place"), &[&after.0]).await? else {
        return Ok(());
    };
    let at = conditions.params.len();
    let marks = match order {
        ClipOrder::Time => {
            conditions.params.push(Box::new(get::<i32>(&place, "video_number")?));
            conditions.params.push(Box::new(count(&place, "start_frame")? as i32));
            format!("${}, ${}, ${}", at + 1, at + 2, at + 3)
        }
        ClipOrder::Confidence => {
            conditions.params.push(Box::new(get::<f64>(&place, "confidence")?));
            format!("${}, ${}", at + 1, at + 2)
        }
        ClipOrder::LookAlike => {
            conditions.params.push(Box::new(get::<i64>(&place, "look")?));
            format!("${}, ${}", at + 1, at + 2)
        }
    };
    conditions.params.push(Box::new(get::<i64>(&place, "number")?));
    conditions.sql.push(format!("({}) > ({marks})", columns(order)));
    Ok(())
}

/// The clips that are wanted, in order.
pub async fn page(client: &impl GenericClient, wanted: &Wanted) -> Result<Vec<ClipRow>, DbError> {
    let conditions = conditions(client, wanted, Vec::new()).await?;
    let sql = conditions.fill(&with_clip(sql!("queue/page")), wanted);
    rows(client, "listing clips", &sql, &conditions.params()).await?.iter().map(ClipRow::from_row).collect()
}
