//! The leases that keep two pages from one clip.
//!
//! What a page asked for may arrive after its leave: whoever leases anything to a page asks [`is_here`] first, before
//! other locks, and a leave waits until they are done.

use crate::{
    DbError, Work,
    clips::{self, ClipRow},
    query::{Params, execute, get, one, rows, sql},
    queue::{Wanted, conditions},
};
use deadpool_postgres::GenericClient;
use heaters_domain::{ClipId, ClipOrder};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// The page that claims, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Claimer<'a> {
    pub actor: &'a str,
    /// The name for people.
    pub name: &'a str,
    pub page: Uuid,
    pub lease_seconds: f64,
}

/// Whether a page has not been left. It stays so until the transaction ends.
pub async fn is_here(work: &Work<'_>, page: Uuid, actor: &str) -> Result<bool, DbError> {
    one(work, "locking a page", sql!("claims/lock_page_shared"), &[&page]).await?;
    get(&one(work, "looking for a page", sql!("claims/is_here"), &[&page, &actor]).await?, "is_here")
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
    let sql = conditions.fill(sql!("claims/claim"), wanted);
    let found = rows(client, "claiming clips", &sql, &conditions.params()).await?;
    let numbers = found.iter().map(|row| get(row, "number")).collect::<Result<Vec<i64>, DbError>>()?;
    let mut clips: Vec<ClipRow> = clips::by_numbers(client, &numbers).await?.into_values().collect();
    match wanted.order {
        ClipOrder::Time => clips.sort_by_key(|clip| (clip.video_number, clip.range.start, clip.number)),
        ClipOrder::Confidence => clips.sort_by(|one, other| {
            let key = |clip: &ClipRow| clip.confidence.unwrap_or(2.0);
            key(one).total_cmp(&key(other)).then(one.number.cmp(&other.number))
        }),
        ClipOrder::LookAlike => clips.sort_by_key(|clip| (clip.look, clip.number)),
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
    let found = rows(client, "renewing claims", sql!("claims/renew"), params).await?;
    found.iter().map(|row| get(row, "id").map(ClipId)).collect()
}

/// Ends a page: gives up its claims but those of the clips that it keeps until their leases end, and returns the
/// others. Whatever arrives of it from now on leases nothing.
pub async fn leave(work: &Work<'_>, page: Uuid, actor: &str, keep: &[ClipId]) -> Result<Vec<ClipId>, DbError> {
    one(work, "locking a page", sql!("claims/lock_page"), &[&page]).await?;
    execute(work, "forgetting pages", sql!("claims/forget_pages"), &[]).await?;
    execute(work, "leaving a page", sql!("claims/leave"), &[&page, &actor]).await?;
    let kept: Vec<Uuid> = keep.iter().map(|clip| clip.0).collect();
    let found = rows(work, "releasing claims", sql!("claims/release"), &[&page, &actor, &kept]).await?;
    found.iter().map(|row| get(row, "id").map(ClipId)).collect()
}
