//! Cues: the index of random-access points.

use super::{
    MkvError,
    ebml::{Child, Elements},
    id,
};

/// Where the Cues say that a block of a track lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cue {
    /// In ticks of the timestamp scale.
    pub time: i64,
    pub track: u64,
    /// The Cluster's position, counted from the Segment's payload.
    pub cluster: u64,
    /// The block's position, counted from the Cluster's payload.
    pub relative: Option<u64>,
}

/// The cues in the payload of a Cues element, as they come.
pub fn cues(payload: &[u8]) -> Result<Vec<Cue>, MkvError> {
    let mut cues = Vec::new();
    for point in Elements::new(payload, 0) {
        let point = point?;
        if point.id == id::CUE_POINT {
            add(&point, &mut cues)?;
        }
    }
    Ok(cues)
}

fn add(point: &Child<'_>, cues: &mut Vec<Cue>) -> Result<(), MkvError> {
    let (mut time, first) = (None, cues.len());
    for child in point.children() {
        let child = child?;
        match child.id {
            id::CUE_TIME => time = child.uint().and_then(|time| i64::try_from(time).ok()),
            id::CUE_TRACK_POSITIONS => cues.extend(position(&child)?),
            _ => {}
        }
    }
    match time {
        Some(time) => cues[first..].iter_mut().for_each(|cue| cue.time = time),
        None => cues.truncate(first),
    }
    Ok(())
}

fn position(positions: &Child<'_>) -> Result<Option<Cue>, MkvError> {
    let (mut track, mut cluster, mut relative) = (None, None, None);
    for child in positions.children() {
        let child = child?;
        match child.id {
            id::CUE_TRACK => track = child.uint(),
            id::CUE_CLUSTER_POSITION => cluster = child.uint(),
            id::CUE_RELATIVE_POSITION => relative = child.uint(),
            _ => {}
        }
    }
    Ok(track.zip(cluster).map(|(track, cluster)| Cue { time: 0, track, cluster, relative }))
}
