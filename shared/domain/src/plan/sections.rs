//! Where a source is cut into chunks: at key frames near an aimed length, so that the windows of time
//! partition its frames exactly.

use crate::Rational;
use std::ops::Range;

/// How many packets after a key frame may be shown before it. More is no open group of pictures but
/// disorder, and a border there would make the chunk before read them all again.
const MOST_LEADING: usize = 128;

/// A packet of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// When its frame is shown, in ticks of the picture's time base; `None` where the container doesn't say.
    pub pts: Option<i64>,
    /// Decoding can start here.
    pub key: bool,
    /// The container says that its frame isn't shown.
    pub discard: bool,
}

/// A window of time and the packets that its frames are decoded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The first tick; `None`: from the beginning.
    pub start: Option<i64>,
    /// The first tick after it; `None`: to the end.
    pub end: Option<i64>,
    /// Numbers of the packets that are needed, in decoding order.
    pub packets: Range<u32>,
    /// How many frames are shown in the window.
    pub frames: u32,
}

/// Cuts a picture, given as its packets in decoding order, into sections of about `seconds` seconds.
///
/// The windows partition the frames: no frame is in two, none in none. Sections are at least half as long as
/// aimed, and longer than aimed by half only where no key frame allows less. There is one section where 0
/// seconds are asked for, where a time is missing, and where frames that aren't shown lie between frames that
/// are, since no window can tell them apart. Without packets there is no section.
pub fn sections(packets: &[Packet], time_base: Rational, seconds: u32) -> Vec<Section> {
    let Some(track) = Track::of(packets) else { return whole(packets) };
    let aim = u128::from(seconds) * u128::from(time_base.den) / u128::from(time_base.num.max(1));
    let total = u128::from(track.last.abs_diff(track.first)) + 1;
    // Equal shares of the whole, so that the last section is not a remainder.
    let count = (total + aim / 2).checked_div(aim).unwrap_or(1);
    let length = i64::try_from(total / count.max(1)).unwrap_or(i64::MAX).max(1);
    let borders = if count < 2 { Vec::new() } else { track.choose(length) };
    track.cut(packets, &borders)
}

/// All packets as one section.
fn whole(packets: &[Packet]) -> Vec<Section> {
    let frames = packets.iter().filter(|packet| !packet.discard).count() as u32;
    let section = Section { start: None, end: None, packets: 0..packets.len() as u32, frames };
    if packets.is_empty() { Vec::new() } else { vec![section] }
}

/// A key frame where sections may part.
#[derive(Debug, Clone, Copy)]
struct Border {
    /// The key frame's number.
    at: usize,
    pts: i64,
    /// The packets that the section before needs end here.
    leading_end: usize,
}

impl Border {
    /// No frame that is decoded after the key frame is shown before it.
    fn is_clean(self) -> bool {
        self.leading_end == self.at
    }
}

struct Track {
    first: i64,
    last: i64,
    /// Frames before `first` or after `last` are there but not shown.
    hidden_before: bool,
    hidden_after: bool,
    borders: Vec<Border>,
}

impl Track {
    /// `None` where the frames can't be told apart by time.
    fn of(packets: &[Packet]) -> Option<Self> {
        let times: Option<Vec<i64>> = packets.iter().map(|packet| packet.pts).collect();
        let times = times?;
        let shown = || packets.iter().zip(&times).filter(|(packet, _)| !packet.discard).map(|(_, pts)| *pts);
        let (first, last) = (shown().min()?, shown().max()?);
        // An end after the last frame has to be a tick too.
        last.checked_add(1)?;
        let hidden: Vec<i64> =
            packets.iter().zip(&times).filter(|(packet, _)| packet.discard).map(|(_, pts)| *pts).collect();
        if hidden.iter().any(|pts| (first..=last).contains(pts)) {
            return None;
        }
        let (hidden_before, hidden_after) =
            (hidden.iter().any(|pts| *pts < first), hidden.iter().any(|pts| *pts > last));
        Some(Self { first, last, hidden_before, hidden_after, borders: borders(packets, &times) })
    }

    /// The borders to part at, for sections of about `length` ticks.
    fn choose(&self, length: i64) -> Vec<Border> {
        let shortest = length / 2;
        // Differences of ticks can exceed an i64 in a hostile file.
        let since = |border: &Border, start: i64| i128::from(border.pts) - i128::from(start);
        let (mut start, mut chosen, mut rest) = (self.first, Vec::new(), self.borders.as_slice());
        loop {
            rest = &rest[rest.partition_point(|border| since(border, start) < i128::from(shortest).max(1))..];
            let long_enough = rest
                .partition_point(|border| i128::from(self.last) + 1 - i128::from(border.pts) >= i128::from(shortest));
            rest = &rest[..long_enough];
            let longest = i128::from(length) + i128::from(shortest);
            let near = &rest[..rest.partition_point(|border| since(border, start) <= longest)];
            let distance = |border: &&Border| (since(border, start) - i128::from(length)).abs();
            let clean = near.iter().filter(|border| border.is_clean()).min_by_key(distance);
            let Some(border) = clean.or_else(|| near.iter().min_by_key(distance)).or(rest.first()) else { break };
            chosen.push(*border);
            start = border.pts;
        }
        chosen
    }

    fn cut(&self, packets: &[Packet], borders: &[Border]) -> Vec<Section> {
        let start = self.hidden_before.then_some(self.first);
        let end = self.hidden_after.then_some(self.last + 1);
        let starts = std::iter::once((start, 0)).chain(borders.iter().map(|border| (Some(border.pts), border.at)));
        let ends = borders.iter().map(|border| (Some(border.pts), border.leading_end));
        let ends = ends.chain(std::iter::once((end, packets.len())));
        let section = |((start, from), (end, to)): ((Option<i64>, usize), (Option<i64>, usize))| {
            let inside = |packet: &&Packet| {
                let after = |limit: Option<i64>| limit.zip(packet.pts).is_none_or(|(limit, pts)| pts >= limit);
                !packet.discard && after(start) && !(end.is_some() && after(end))
            };
            let frames = packets[from..to].iter().filter(inside).count() as u32;
            Section { start, end, packets: from as u32..to as u32, frames }
        };
        starts.zip(ends).map(section).collect()
    }
}

/// All key frames where sections may part, by their times.
fn borders(packets: &[Packet], times: &[i64]) -> Vec<Border> {
    // The earliest time from each packet on: it only rises.
    let mut earliest: Vec<i64> = times.to_vec();
    for at in (0..earliest.len().saturating_sub(1)).rev() {
        earliest[at] = earliest[at].min(earliest[at + 1]);
    }
    let (mut latest, mut borders) = (None::<i64>, Vec::new());
    for (at, (packet, pts)) in packets.iter().zip(times).enumerate() {
        if packet.key && !packet.discard && latest.is_some_and(|latest| latest < *pts) {
            let leading = earliest[at..].partition_point(|earliest| earliest < pts);
            if leading <= MOST_LEADING {
                borders.push(Border { at, pts: *pts, leading_end: at + leading });
            }
        }
        latest = latest.max(Some(*pts));
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MILLISECONDS: Rational = Rational { num: 1, den: 1000 };

    fn packet(pts: i64, key: bool) -> Packet {
        Packet { pts: Some(pts), key, discard: false }
    }

    /// Groups of pictures as encoders make them: after each key frame (but the first), `leading` frames that
    /// are shown before it.
    fn groups(lengths: &[usize], durations: &[i64], leading: usize, start: i64) -> Vec<Packet> {
        let count = lengths.iter().sum::<usize>();
        let mut times = vec![start];
        for number in 1..=count {
            times.push(times[number - 1] + durations[number % durations.len()]);
        }
        let (mut packets, mut shown) = (Vec::new(), 0);
        for (number, length) in lengths.iter().enumerate() {
            let leading = if number == 0 { 0 } else { leading.min(length - 1) };
            packets.push(packet(times[shown + leading], true));
            packets.extend((0..leading).map(|at| packet(times[shown + at], false)));
            packets.extend((leading + 1..*length).map(|at| packet(times[shown + at], false)));
            shown += length;
        }
        packets
    }

    fn inside(section: &Section, pts: i64) -> bool {
        section.start.is_none_or(|start| start <= pts) && section.end.is_none_or(|end| pts < end)
    }

    fn check(packets: &[Packet], plan: &[Section], length: i64) -> Result<(), TestCaseError> {
        prop_assert!(plan.first().is_some_and(|first| first.packets.start == 0));
        prop_assert!(plan.last().is_some_and(|last| last.packets.end as usize == packets.len()));
        for pair in plan.windows(2) {
            prop_assert!(pair[0].end == pair[1].start && pair[0].end.is_some());
            prop_assert!(pair[1].packets.start <= pair[0].packets.end);
            prop_assert!(packets[pair[1].packets.start as usize].key);
        }
        let mut frames = vec![0; plan.len()];
        for (number, packet) in packets.iter().enumerate() {
            let Some(pts) = packet.pts else { continue };
            let at: Vec<usize> = (0..plan.len()).filter(|at| inside(&plan[*at], pts)).collect();
            prop_assert_eq!(at.len(), usize::from(!packet.discard), "{} in {:?}", pts, at);
            for at in at {
                prop_assert!(plan[at].packets.contains(&(number as u32)), "{pts} is not read by {:?}", plan[at]);
                frames[at] += 1;
            }
        }
        prop_assert_eq!(frames, plan.iter().map(|section| section.frames).collect::<Vec<_>>());
        for section in plan.iter().filter(|_| plan.len() > 1) {
            let times = packets.iter().filter(|packet| !packet.discard).filter_map(|packet| packet.pts);
            let (first, last) = (times.clone().min().unwrap(), times.max().unwrap());
            let spent = section.end.unwrap_or(last + 1) - section.start.unwrap_or(first);
            prop_assert!(spent >= length / 4, "a section of {spent} ticks");
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn windows_partition_the_frames(
            lengths in prop::collection::vec(1usize..80, 1..60),
            durations in prop::collection::vec(1i64..500, 1..6),
            leading in 0usize..4,
            start in -5_000i64..5_000,
            seconds in 0u32..40,
        ) {
            let packets = groups(&lengths, &durations, leading, start);
            let plan = sections(&packets, MILLISECONDS, seconds);
            check(&packets, &plan, i64::from(seconds) * 1000)?;
        }

        #[test]
        fn any_times_in_any_order_are_partitioned(
            mut times in prop::collection::hash_set(-2_000i64..20_000, 1..200),
            keys in prop::collection::vec(any::<bool>(), 200),
            seconds in 0u32..6,
        ) {
            let packets: Vec<_> = times.drain().zip(keys).map(|(pts, key)| packet(pts, key)).collect();
            let plan = sections(&packets, MILLISECONDS, seconds);
            check(&packets, &plan, i64::from(seconds) * 1000)?;
        }

        #[test]
        fn hidden_frames_at_the_ends_are_in_no_window(before in 0usize..9, shown in 1usize..90, after in 0usize..9) {
            let mut packets = groups(&[10; 11], &[40], 0, 0);
            packets.truncate(before + shown + after);
            for (at, packet) in packets.iter_mut().enumerate() {
                packet.discard = at < before || at >= before + shown;
            }
            check(&packets, &sections(&packets, MILLISECONDS, 1), 1000)?;
        }
    }

    #[test]
    fn sections_are_as_long_as_aimed_where_key_frames_allow() {
        let packets = groups(&[25; 120], &[40], 2, 0);
        let plan = sections(&packets, MILLISECONDS, 30);
        assert_eq!(plan.iter().map(|section| section.frames).collect::<Vec<_>>(), [752, 750, 750, 748]);
        let all_intra: Vec<_> = (0..3000).map(|number| packet(number * 40, true)).collect();
        let plan = sections(&all_intra, MILLISECONDS, 30);
        assert!(plan.len() == 4 && plan.iter().all(|section| section.frames == 750));
        assert_eq!(sections(&all_intra[..1100], MILLISECONDS, 30).len(), 1);
        assert_eq!(sections(&groups(&[3000], &[40], 0, 0), MILLISECONDS, 30).len(), 1);
    }

    #[test]
    fn a_clean_key_frame_is_preferred_to_a_nearer_open_one() {
        let mut packets = groups(&[10; 20], &[100], 1, 0);
        // The group at 7 s starts clean.
        packets.swap(70, 71);
        (packets[70].key, packets[71].key) = (true, false);
        let plan = sections(&packets, MILLISECONDS, 10);
        assert_eq!((plan[0].end, plan[0].packets.clone()), (Some(7000), 0..70));
    }

    #[test]
    fn a_section_reads_the_leading_frames_of_the_next() {
        let packets = groups(&[10; 4], &[100], 2, 0);
        let plan = sections(&packets, MILLISECONDS, 2);
        assert_eq!(plan[0], Section { start: None, end: Some(2200), packets: 0..23, frames: 22 });
        assert_eq!(plan[1], Section { start: Some(2200), end: None, packets: 20..40, frames: 18 });
    }

    #[test]
    fn what_time_can_not_tell_apart_is_one_section() {
        let mut packets = groups(&[10; 10], &[100], 0, 0);
        packets[55].pts = None;
        assert_eq!(sections(&packets, MILLISECONDS, 2).len(), 1);
        packets[55] = Packet { discard: true, ..packet(5500, false) };
        let plan = sections(&packets, MILLISECONDS, 2);
        assert_eq!(plan, [Section { start: None, end: None, packets: 0..100, frames: 99 }]);
        assert_eq!(sections(&[], MILLISECONDS, 2), []);
        let wide = [packet(i64::MIN, true), packet(0, true), packet(i64::MAX - 1, true)];
        assert!(!sections(&wide, MILLISECONDS, 1).is_empty());
    }
}
