//! What the stages reported.

use crate::{
    DbError,
    query::{Params, as_json, execute, get, json, rows, sql},
};
use deadpool_postgres::GenericClient;
use heaters_domain::StageReport;
use std::collections::{HashMap, HashSet};

pub type Report = StageReport<serde_json::Value>;

/// Stores a report; one of the same stage, subject and attempt is replaced.
pub async fn upsert(
    client: &impl GenericClient,
    video_number: i32,
    clip_number: Option<i64>,
    report: &Report,
) -> Result<(), DbError> {
    let params: Params<'_> = &[
        &video_number,
        &clip_number,
        &report.subject.version.map(|version| version as i32),
        &report.stage.as_str(),
        &report.subject.chunk.map(|chunk| chunk as i32),
        &(report.attempt as i32),
        &report.outcome.as_str(),
        &report.started_at,
        &(report.duration_ms as i64),
        &as_json(report),
    ];
    execute(client, "storing a report", sql!("reports/upsert"), params).await.map(drop)
}

/// All reports about a video, its chunks and its clips, oldest first; at most 2,000.
pub async fn of_video(client: &impl GenericClient, video_number: i32) -> Result<Vec<Report>, DbError> {
    let found = rows(client, "reading reports", sql!("reports/of_video"), &[&video_number]).await?;
    found.iter().map(|row| json(row, "report")).collect()
}

/// The reports about videos as a whole, by video number, oldest first.
pub async fn of_videos_as_a_whole(
    client: &impl GenericClient,
    video_numbers: &[i32],
) -> Result<HashMap<i32, Vec<Report>>, DbError> {
    let found = rows(client, "reading reports", sql!("reports/of_videos_as_a_whole"), &[&video_numbers]).await?;
    let mut reports: HashMap<i32, Vec<Report>> = HashMap::new();
    for row in &found {
        reports.entry(get(row, "video_number")?).or_default().push(json(row, "report")?);
    }
    Ok(reports)
}

/// Which chunks the current attempt of each video has finished.
pub async fn chunks_done(
    client: &impl GenericClient,
    video_numbers: &[i32],
) -> Result<HashMap<i32, HashSet<u32>>, DbError> {
    let found = rows(client, "reading finished chunks", sql!("reports/chunks_done"), &[&video_numbers]).await?;
    let mut done: HashMap<i32, HashSet<u32>> = HashMap::new();
    for row in &found {
        done.entry(get(row, "video_number")?).or_default().insert(get::<i32>(row, "chunk")? as u32);
    }
    Ok(done)
}
