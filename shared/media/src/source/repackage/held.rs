//! A copy's packets against the source's.

use crate::{
    args::OFFSET_SECONDS,
    probe::Details,
    source::listing::{Listed, Listing},
};
use heaters_domain::Rational;

/// How far the sound of a copy may be from the source's, in seconds: its times are rounded and evened out.
const SOUND_TOLERANCE: f64 = 0.1;
/// Codecs whose packets are written another way.
const REWRITTEN: [&str; 2] = ["h264", "hevc"];

/// A picture of MPEG-4 of which nothing was coded has no more bytes.
const MOST_EMPTY_BYTES: u32 = 16;

/// How a copy differs from its source.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Difference {
    #[error("the copy has {copied} packets of the picture and the source {packets}")]
    Pictures { copied: usize, packets: usize },
    #[error("the source does not say when packet {0} of the picture is shown")]
    Timeless(usize),
    #[error("packet {packet} of the picture is shown at {copied:?} in the copy and at {source_ticks} in the source")]
    Time { packet: usize, copied: Option<i64>, source_ticks: i64 },
    #[error("packet {packet} of the picture has {copied} bytes in the copy and {bytes} in the source")]
    Size { packet: usize, copied: u32, bytes: u32 },
    #[error("several pictures may be in one packet")]
    Packed,
    #[error("the copy has {copied} packets of the sound and the source {packets}")]
    Sounds { copied: usize, packets: usize },
    #[error("packet {0} of the sound is heard at another time in the copy")]
    Sound(usize),
}

/// What a copy is held against its source with.
pub(super) struct Rules<'a> {
    pub codec: &'a str,
    /// Of the source and of the copy.
    pub details: (&'a Details, &'a Details),
    /// The sound was decoded, so that its packets are others.
    pub decoded_sound: bool,
}

/// The copy's packets on the source's clock, once they are known to be the source's.
pub(super) fn hold(source: &Listing, copy: Listing, rules: &Rules<'_>) -> Result<Listing, Difference> {
    let Listing { mut picture, mut sound, ids, changes } = copy;
    let (copied, packets) = (picture.len(), source.picture.len());
    if copied != packets || packets == 0 {
        return Err(Difference::Pictures { copied, packets });
    }
    for (packet, (copied, known)) in picture.iter_mut().zip(&source.picture).enumerate() {
        take_picture(packet, copied, known, rules)?;
    }
    let reordered = picture.iter().any(|packet| packet.pts != packet.dts);
    if rules.codec == "mpeg4" && reordered && picture.iter().any(|packet| packet.size <= MOST_EMPTY_BYTES) {
        return Err(Difference::Packed);
    }
    if let (Some(from), Some(to)) = (&rules.details.0.sound, &rules.details.1.sound) {
        take_sound(&mut sound, &source.sound, (from.time_base, to.time_base), rules.decoded_sound)?;
    }
    Ok(Listing { picture, sound, ids, changes })
}

/// Puts a packet of the copy onto the source's clock.
fn take_picture(packet: usize, copied: &mut Listed, known: &Listed, rules: &Rules<'_>) -> Result<(), Difference> {
    let (from, to) = rules.details;
    let offset = i64::from(OFFSET_SECONDS) * i64::from(to.time_base.den);
    let pts = known.pts.or(known.dts.filter(|_| from.in_order)).ok_or(Difference::Timeless(packet))?;
    let source_ticks = pts.saturating_mul(from.time_base.num.into());
    let shifted = |time: Option<i64>| time.and_then(|time| time.checked_sub(offset));
    let time = shifted(copied.pts);
    if time != Some(source_ticks) {
        return Err(Difference::Time { packet, copied: time, source_ticks });
    }
    if known.size != copied.size && !REWRITTEN.contains(&rules.codec) {
        return Err(Difference::Size { packet, copied: copied.size, bytes: known.size });
    }
    // Of MPEG-2 the copy marks closed groups alone.
    *copied = Listed { pts: time, dts: shifted(copied.dts), key: known.key, discard: known.discard, ..*copied };
    Ok(())
}

fn take_sound(
    copied: &mut [Listed],
    known: &[Listed],
    (from, to): (Rational, Rational),
    decoded: bool,
) -> Result<(), Difference> {
    let (count, packets) = (copied.len(), known.len());
    if if decoded { (count == 0) != (packets == 0) } else { count != packets } {
        return Err(Difference::Sounds { copied: count, packets });
    }
    let offset = i64::from(OFFSET_SECONDS) * i64::from(to.den);
    for packet in copied.iter_mut() {
        packet.pts = packet.pts.map(|pts| pts.saturating_sub(offset));
        packet.dts = packet.dts.map(|dts| dts.saturating_sub(offset));
    }
    let seconds = |ticks: i64, base: Rational| ticks as f64 * base.as_f64();
    let held = if decoded { 0 } else { count };
    for (packet, (copied, known)) in copied.iter().zip(known).take(held).enumerate() {
        if let (Some(one), Some(other)) = (copied.pts, known.pts)
            && (seconds(one, to) - seconds(other, from)).abs() > SOUND_TOLERANCE
        {
            return Err(Difference::Sound(packet));
        }
    }
    Ok(())
}
