//! The proof that a chunk has the source's frames: what the demuxer gave against what the decoder gave.

use super::crc::Line;
use heaters_domain::{
    Fault, Rational, Told,
    plan::{Chunk, Source},
};

/// Containers that are cut into packets by a parser, which gives each field of an H.264 frame one of its own.
const PARSED_CONTAINERS: [&str; 3] = ["mpegts", "mpeg", "h264"];
/// Streams without a container: the times of their packets are ffmpeg's guesses, which the decoder's are not held to.
const BARE_STREAMS: [&str; 8] = ["h264", "hevc", "mpegvideo", "m4v", "h263", "vc1", "obu", "mjpeg"];

#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ProofError {
    #[error("not one frame was decoded")]
    NoFrame,
    #[error("the pass gave {frames} proxy frames, {stamps} time stamps and {thumbs} thumbnails")]
    Counts { frames: u32, stamps: u32, thumbs: u32 },
    #[error("frame {frame} of the chunk has no time stamp")]
    Timeless { frame: u32 },
    #[error("frame {frame} of the chunk, at {seconds:.3} s, is not shown after the frame before it")]
    Order { frame: u32, seconds: f64 },
    #[error("the proxy's frame {frame} is {proxy_ticks} ticks after the first, in the source {source_ticks}")]
    Moved { frame: u32, seconds: f64, proxy_ticks: i64, source_ticks: i64 },
    #[error("the packet of the frame at {seconds:.3} s gave no frame: {missing} of {packets} are missing")]
    Missing { seconds: f64, missing: u32, packets: u32 },
    #[error("frame {frame} of the chunk, at {seconds:.3} s, is that of no packet")]
    Unexpected { frame: u32, seconds: f64 },
    #[error("{packets} packets without time stamps gave {frames} frames")]
    Uncounted { packets: u32, frames: u32 },
}

impl Fault for ProofError {
    fn told(&self) -> Told<'_> {
        let thrown_away = "so the review copy was thrown away";
        Told::tool_failure(match self {
            Self::NoFrame => return Told::rejected("No frame of this video can be decoded."),
            Self::Missing { seconds, missing: 1, .. } => {
                format!("The frame at {seconds:.3} s was lost in decoding without a sign of damage, {thrown_away}.")
            }
            Self::Missing { seconds, missing, .. } => format!(
                "{missing} frames, the first at {seconds:.3} s, were lost in decoding without a sign of damage, \
                 {thrown_away}."
            ),
            Self::Unexpected { seconds, .. } => {
                format!("Decoding gave a frame at {seconds:.3} s that is not in the video, {thrown_away}.")
            }
            Self::Order { seconds, .. } | Self::Moved { seconds, .. } => {
                format!("The frame at {seconds:.3} s is shown at another time than in the video, {thrown_away}.")
            }
            Self::Uncounted { packets, frames } => {
                format!("Of {packets} frames of the video {frames} came out of the decoder, {thrown_away}.")
            }
            Self::Counts { .. } | Self::Timeless { .. } => {
                format!("The review copy does not match the video frame by frame, {thrown_away}.")
            }
        })
    }
}

/// What packets and frames are held against each other with.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The times of the chunk's frames.
    pub start: Option<i64>,
    pub end: Option<i64>,
    /// The second field of a frame may have a packet of its own.
    pub fields: bool,
    /// Pictures may be packed together, so that a frame has the time of another packet.
    pub packed: bool,
    /// How often the picture's decoder or the demuxer complained.
    pub complaints: u32,
    /// The packets' times are the source's own.
    pub timed: bool,
    pub time_base: Rational,
}

impl Rules {
    pub fn of(source: &Source, chunk: &Chunk, complaints: u32) -> Self {
        let media = &source.media;
        Self {
            start: chunk.start,
            end: chunk.end,
            fields: media.interlaced
                && media.video_codec == "h264"
                && PARSED_CONTAINERS.contains(&media.container.as_str()),
            packed: media.video_codec == "mpeg4",
            complaints,
            timed: !BARE_STREAMS.contains(&source.read_container()),
            time_base: media.time_base,
        }
    }

    fn holds(&self, pts: i64) -> bool {
        self.start.is_none_or(|start| start <= pts) && self.end.is_none_or(|end| pts < end)
    }

    fn seconds(&self, pts: i64) -> f64 {
        pts as f64 * self.time_base.as_f64()
    }
}

/// What is known of a chunk that has the source's frames.
#[derive(Debug, PartialEq, Eq)]
pub struct Proof {
    /// Of each frame, whether the source has a key frame there.
    pub keys: Vec<bool>,
    /// How many frames of the source gave none.
    pub undecodable: u32,
}

/// Holds the demuxer's packets, in their order, against the decoder's frames.
pub fn prove(packets: &[Line], frames: &[i64], rules: &Rules) -> Result<Proof, ProofError> {
    let Some(first) = frames.first() else { return Err(ProofError::NoFrame) };
    if let Some((frame, pair)) = (1..).zip(frames.windows(2)).find(|(_, pair)| pair[0] >= pair[1]) {
        return Err(ProofError::Order { frame, seconds: rules.seconds(pair[1]) });
    }
    let lead = if rules.start.is_none() { lead(packets, *first) } else { i64::MIN };
    let inside = packets.iter().filter(|packet| packet.pts.is_none_or(|pts| rules.holds(pts)));
    let expected: Vec<Expected> = inside.map(|packet| Expected::of(packet, lead)).collect();
    let mut timed: Vec<(i64, &Expected)> =
        expected.iter().filter_map(|packet| packet.pts.map(|pts| (pts, packet))).collect();
    timed.sort_by_key(|(pts, _)| *pts);
    let regular = timed.len() == expected.len() && timed.windows(2).all(|pair| pair[0].0 < pair[1].0);
    if regular && rules.timed { by_time(&timed, frames, rules) } else { by_count(&expected, frames, rules) }
}

/// What comes before the first key frame, in a stream that was cut, needs frames that are not there.
fn lead(packets: &[Line], first_frame: i64) -> i64 {
    packets.iter().find(|packet| packet.key).map_or(Some(first_frame), |packet| packet.pts).unwrap_or(i64::MIN)
}

/// A packet that should give a frame, or may.
struct Expected {
    pts: Option<i64>,
    dts: Option<i64>,
    duration: i64,
    key: bool,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is shown, and has all it needs.
    Required,
    /// It may lack what it needs: its loss counts, but is no fault.
    Leading,
    /// It may give no frame, by what is in it.
    Hidden,
    /// The container says that it is not shown, or it is empty.
    NotShown,
}

impl Expected {
    fn of(packet: &Line, lead: i64) -> Self {
        let role = match packet {
            Line { discard: true, .. } | Line { size: 0, .. } => Role::NotShown,
            Line { hidden: true, .. } => Role::Hidden,
            Line { pts: Some(pts), .. } if *pts < lead => Role::Leading,
            _ => Role::Required,
        };
        Self { pts: packet.pts, dts: packet.dts, duration: packet.duration, key: packet.key, role }
    }
}

/// Every packet has a time of its own: each frame has to be that of a packet, and each packet to have its frame.
fn by_time(timed: &[(i64, &Expected)], frames: &[i64], rules: &Rules) -> Result<Proof, ProofError> {
    let mut keys = vec![false; frames.len()];
    let (mut missing, mut leading, mut unseen, mut unexpected) = (Vec::new(), 0, 0, Vec::new());
    let (mut at, mut frame) = (0, 0);
    while at < timed.len() || frame < frames.len() {
        let packet = timed.get(at).map(|(pts, _)| *pts);
        match (packet, frames.get(frame)) {
            (Some(pts), Some(shown)) if pts == *shown => {
                keys[frame] = timed[at].1.key;
                (at, frame) = (at + 1, frame + 1);
            }
            (Some(pts), shown) if shown.is_none_or(|shown| pts < *shown) => {
                match timed[at].1.role {
                    Role::Required => missing.push(at),
                    Role::Leading => leading += 1,
                    Role::Hidden => unseen += 1,
                    Role::NotShown => {}
                }
                at += 1;
            }
            _ => {
                unexpected.push(frame);
                frame += 1;
            }
        }
    }
    // A damaged stream may give several frames the same time, and they are shown a tick apart.
    let repeated = |frame: usize| rules.complaints > 0 && frame > 0 && frames[frame] - frames[frame - 1] == 1;
    unexpected.retain(|frame| !repeated(*frame));
    if rules.packed && unexpected.len() <= missing.len() + unseen {
        // Each of them is that of a packet without a frame.
        missing.drain(..unexpected.len().min(missing.len()));
        unexpected.clear();
    }
    if let Some(frame) = unexpected.first().copied() {
        return Err(ProofError::Unexpected { frame: frame as u32, seconds: rules.seconds(frames[frame]) });
    }
    if rules.fields {
        leave_out_second_fields(&mut missing, timed, frames);
    }
    match missing.first() {
        Some(first) if stretches(&missing, timed) > rules.complaints => Err(ProofError::Missing {
            seconds: rules.seconds(timed[*first].0),
            missing: missing.len() as u32,
            packets: timed.len() as u32,
        }),
        _ => Ok(Proof { keys, undecodable: leading + missing.len() as u32 }),
    }
}

/// A packet is that of a second field if the one before it has a frame and comes about half a frame earlier.
fn leave_out_second_fields(missing: &mut Vec<usize>, timed: &[(i64, &Expected)], frames: &[i64]) {
    let mut steps: Vec<i64> = frames.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_unstable();
    let Some(step) = steps.get(steps.len() / 2).copied() else { return };
    let gone = missing.clone();
    missing.retain(|at| {
        let follows = at.checked_sub(1).filter(|before| gone.binary_search(before).is_err());
        follows.is_none_or(|before| (timed[*at].0 - timed[before].0) * 3 > step * 2)
    });
}

/// In how many stretches, each from one key frame to the next, packets are missing: no damage reaches further than
/// to the next key frame, so that one complaint can't explain more than one of them.
fn stretches(missing: &[usize], timed: &[(i64, &Expected)]) -> u32 {
    let (mut count, mut after) = (0, 0);
    for at in missing {
        if count == 0 || timed[after + 1..=*at].iter().any(|(_, packet)| packet.key) {
            count += 1;
        }
        after = *at;
    }
    count
}

/// The container leaves times out or repeats them, so that frames can only be counted.
fn by_count(expected: &[Expected], frames: &[i64], rules: &Rules) -> Result<Proof, ProofError> {
    let most = expected.len();
    let required = expected.iter().filter(|packet| packet.role == Role::Required).count();
    let lost = required.saturating_sub(frames.len());
    // Packets without a time may belong to the neighbours.
    let elsewhere = if rules.start.is_some() || rules.end.is_some() {
        expected.iter().filter(|packet| packet.pts.is_none()).count()
    } else {
        0
    };
    let fields = if rules.fields { required.div_ceil(2) } else { 0 };
    let explained = fields.max(elsewhere).max(longest_stretches(expected, rules.complaints));
    if frames.len() > most || lost > explained {
        return Err(ProofError::Uncounted { packets: required as u32, frames: frames.len() as u32 });
    }
    let keys = if let Some(keys) = keys_where_shown(expected, frames) {
        keys
    } else if frames.len() == most {
        expected.iter().map(|packet| packet.key).collect()
    } else {
        let key_times: std::collections::HashSet<_> =
            expected.iter().filter(|packet| packet.key).filter_map(|packet| packet.pts).collect();
        frames.iter().map(|pts| key_times.contains(pts)).collect()
    };
    Ok(Proof { keys, undecodable: if rules.complaints > 0 { lost as u32 } else { 0 } })
}

/// Which frames are key frames, where the times that are left out follow from the decoding times of the packets behind
/// them, as with one picture between decoding and showing. `None`: these are not the times of the frames.
fn keys_where_shown(expected: &[Expected], frames: &[i64]) -> Option<Vec<bool>> {
    // The time that packets before have: when the next one is decoded that others may be predicted from.
    let last = expected.last()?;
    let mut next = last.dts?.checked_add(last.duration)?;
    let mut shown = Vec::with_capacity(expected.len());
    for packet in expected.iter().rev() {
        shown.push((packet.pts.unwrap_or(next), packet.key));
        if packet.pts != packet.dts {
            next = packet.dts?;
        }
    }
    shown.sort_unstable_by_key(|(pts, _)| *pts);
    let same = shown.iter().map(|(pts, _)| pts).eq(frames);
    same.then(|| shown.into_iter().map(|(_, key)| key).collect())
}

/// How many packets so many stretches have at most, each from one key frame to the next.
fn longest_stretches(expected: &[Expected], count: u32) -> usize {
    let mut lengths: Vec<usize> = Vec::new();
    for packet in expected {
        match lengths.last_mut() {
            Some(length) if !packet.key => *length += 1,
            _ => lengths.push(1),
        }
    }
    lengths.sort_unstable_by_key(|length| std::cmp::Reverse(*length));
    lengths.iter().take(count as usize).sum()
}

#[cfg(test)]
mod tests;
