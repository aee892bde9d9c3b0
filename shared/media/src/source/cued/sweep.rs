//! A Matroska file without Cues, such as a recorded live stream: its blocks are its index.

use super::{
    Border,
    walk::{Stop, Walk},
};
use crate::{
    mkv::Head,
    source::{ReadAt, access::Access},
};
use heaters_domain::plan::{Packet, Source, sections};

/// Read at once, in bytes.
const PIECE_BYTES: u64 = 8 << 20;
/// More pictures than anybody films; each takes memory.
const MOST_PACKETS: usize = 16_000_000;
const LOOK_BYTES: u64 = 4096;

pub(super) struct Swept {
    pub(super) borders: Vec<Border>,
    pub(super) packets: u32,
}

/// Reads the whole file. `None`: it can't be cut.
pub(super) async fn borders<R: ReadAt>(
    object: &R,
    head: &Head,
    track: u64,
    access: Access,
    source: &Source,
    chunk_seconds: u32,
) -> Result<Option<Swept>, Stop<R::Error>> {
    let mut walk = Walk::new(object, head, head.first_cluster, PIECE_BYTES);
    let (mut packets, mut places) = (Vec::new(), Vec::new());
    while let Some(block) = walk.next().await? {
        if block.track != track {
            continue;
        }
        if block.laced || packets.len() == MOST_PACKETS {
            return Ok(None);
        }
        let key = block.key && {
            let start = walk.bytes(block.data_at, LOOK_BYTES.min(block.end - block.data_at)).await?;
            access.allows(start)
        };
        packets.push(Packet { pts: Some(block.time), key, discard: false });
        // Few bytes of each: there are many.
        places.push((block.at, block.end, block.timestamp, block.cluster));
    }
    let plan = sections(&packets, source.media.time_base, chunk_seconds);
    let border = |pair: &[heaters_domain::plan::Section]| {
        let (before, after) = (&pair[0], &pair[1]);
        let (at, _, timestamp, cluster) = places[after.packets.start as usize];
        // Sections overlap where frames lead the key frame; else sound may lie between them.
        let last = (before.packets.end > after.packets.start).then(|| places[before.packets.end as usize - 1]);
        let (needed, cluster) = last.map_or((at, cluster), |(_, end, _, cluster)| (end, cluster));
        Some(Border { time: after.start?, at, timestamp, needed, cluster })
    };
    let borders: Option<Vec<_>> = plan.windows(2).map(border).collect();
    Ok(borders.map(|borders| Swept { borders, packets: packets.len() as u32 }))
}
