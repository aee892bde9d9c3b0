//! Where a chunk of a Matroska file can begin: the key frame that a cue names, found and looked at.

use super::walk::{Found, Stop, Walk};
use crate::{
    mkv::{Cue, Head, MkvError},
    source::{ReadAt, access::Access},
};

/// How much is read to find a cue's block where the cue doesn't say its position in the Cluster.
const MOST_SEARCHED_BYTES: u64 = 64 << 20;
/// Blocks of the picture that may lead a key frame.
const MOST_LEADING: u32 = 128;
const PIECE_BYTES: u64 = 128 << 10;
/// How much of a key frame is looked at.
const LOOK_BYTES: u64 = 4096;

/// A place where one chunk ends and another begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Border {
    /// The key frame's time, in ticks.
    pub(super) time: i64,
    /// Where its block begins, and the time of the Cluster it is in.
    pub(super) at: u64,
    pub(super) timestamp: u64,
    /// The chunk before needs the bytes up to here: more than up to `at` where frames that are shown before the
    /// key frame come after it.
    pub(super) needed: u64,
    /// Where the header of the Cluster lies that these bytes end in.
    pub(super) cluster: (u64, u64),
}

impl Border {
    pub(super) fn is_clean(&self) -> bool {
        self.needed == self.at
    }
}

/// Looks at the block that a cue names. `None`: the cue lies, or decoding can't begin there.
pub(super) async fn resolve<R: ReadAt>(
    object: &R,
    head: &Head,
    access: &Access,
    cue: &Cue,
) -> Result<Option<Border>, Stop<R::Error>> {
    match find(object, head, access, cue).await {
        Err(Stop::Format(_)) => Ok(None),
        found => found,
    }
}

async fn find<R: ReadAt>(
    object: &R,
    head: &Head,
    access: &Access,
    cue: &Cue,
) -> Result<Option<Border>, Stop<R::Error>> {
    let cluster = head.prologue.data.checked_add(cue.cluster).ok_or(MkvError::NoElement(cue.cluster))?;
    let named = |block: &Found| block.track == cue.track && block.time == cue.time;
    if let Some(relative) = cue.relative {
        let mut walk = Walk::new(object, head, cluster, PIECE_BYTES);
        let payload = walk.enter().await?;
        // A position that leads nowhere is no reason to give up: the block may still be in the Cluster.
        if payload.checked_add(relative).is_some_and(|at| walk.jump(at).is_ok()) {
            match walk.next().await {
                Ok(Some(block)) if named(&block) => return look(walk, access, block).await,
                Err(Stop::Source(error)) => return Err(error.into()),
                _ => {}
            }
        }
    }
    let mut walk = Walk::new(object, head, cluster, PIECE_BYTES);
    walk.enter().await?;
    let mut timestamp = None;
    while let Some(block) = walk.next().await? {
        if named(&block) {
            return look(walk, access, block).await;
        }
        // The next Cluster is none of the cue's business.
        if *timestamp.get_or_insert(block.timestamp) != block.timestamp || walk.at() - cluster > MOST_SEARCHED_BYTES {
            break;
        }
    }
    Ok(None)
}

/// Whether decoding can begin at a block, and where the frames end that lead it.
async fn look<R: ReadAt>(
    mut walk: Walk<'_, R>,
    access: &Access,
    block: Found,
) -> Result<Option<Border>, Stop<R::Error>> {
    let start = walk.bytes(block.data_at, LOOK_BYTES.min(block.end - block.data_at)).await?;
    if !block.key || block.laced || !access.allows(start) {
        return Ok(None);
    }
    let (mut needed, mut cluster, mut leading) = (block.at, block.cluster, 0);
    while let Some(next) = walk.next().await? {
        if next.track != block.track {
            continue;
        }
        if next.time > block.time {
            break;
        }
        leading += 1;
        (needed, cluster) = (next.end, next.cluster);
        if leading > MOST_LEADING || next.time == block.time || next.laced {
            return Ok(None);
        }
    }
    Ok(Some(Border { time: block.time, at: block.at, timestamp: block.timestamp, needed, cluster }))
}
