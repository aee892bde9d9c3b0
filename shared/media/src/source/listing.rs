//! The packets of a file, as ffprobe lists them.

use crate::{
    args,
    runner::{Run, RunError, Tools},
};
use heaters_domain::plan::{Packet, Source};
use std::{
    collections::HashMap,
    io::{self, Write},
    path::Path,
    time::Duration,
};

const DEADLINE: Duration = Duration::from_mins(10);
/// More packets than any video has that can be processed; each takes memory here.
const MOST_PACKETS: usize = 16 << 20;

/// A packet as it is listed. Times are in ticks of its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub pts: Option<i64>,
    pub dts: Option<i64>,
    pub duration: Option<u32>,
    pub offset: Option<u64>,
    pub size: u32,
    pub key: bool,
    pub discard: bool,
}

impl Listed {
    /// What a plan needs of it.
    pub fn packet(&self) -> Packet {
        Packet { pts: self.pts, key: self.key, discard: self.discard }
    }

    /// Where its bytes end.
    pub fn end(&self) -> Option<u64> {
        self.offset?.checked_add(self.size.into())
    }
}

/// The packets of two streams, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    pub picture: Vec<Listed>,
    pub sound: Vec<Listed>,
    /// The number of each stream in the container's own words, by its index.
    pub ids: HashMap<u32, u32>,
    /// The decoder's parameters change on the way.
    pub changes: bool,
}

/// Lists the packets of a file's picture and sound as its demuxer gives them, without a look into them.
/// Blocks.
pub fn list(tools: &Tools, folder: &Path, file: &str, picture: u32, sound: Option<u32>) -> Result<Listing, RunError> {
    let mut lister = Lister { picture, sound, listing: Listing::default() };
    let run = Run { args: &args::list_packets(file), folder, deadline: DEADLINE, subject: file };
    tools.ffprobe_lines(&run, |line| lister.take(line))?;
    Ok(lister.listing)
}

/// The same for what `feed` gives to ffprobe, with what parsers find out. `fills_in`: times are worked out that the
/// container leaves out.
pub(super) fn list_fed(
    tools: &Tools,
    folder: &Path,
    source: &Source,
    fills_in: bool,
    feed: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
) -> Result<Listing, RunError> {
    let mut lister = Lister { picture: source.picture, sound: source.sound, listing: Listing::default() };
    let args = args::list_streamed(&source.media.container, fills_in);
    let run = Run { args: &args, folder, deadline: super::repackage::DEADLINE, subject: "the source" };
    tools.ffprobe_fed(&run, feed, |line| lister.take(line))?;
    Ok(lister.listing)
}

struct Lister {
    picture: u32,
    sound: Option<u32>,
    listing: Listing,
}

impl Lister {
    /// Reads `packet|stream|pts|dts|duration|size|offset|flags…` and `stream|index|id`; lines of other things are left out.
    fn take(&mut self, line: &str) -> io::Result<()> {
        self.listing.changes |= line.contains("New Extradata");
        let mut fields = line.trim_end().split('|');
        let section = fields.next();
        let Some(stream) = fields.next().and_then(|index| index.parse().ok()) else { return Ok(()) };
        if section == Some("stream") {
            let id = fields.next().and_then(|id| u32::from_str_radix(id.strip_prefix("0x")?, 16).ok());
            self.listing.ids.extend(id.map(|id| (stream, id)));
            return Ok(());
        }
        let into = match stream {
            _ if section != Some("packet") => return Ok(()),
            index if index == self.picture => &mut self.listing.picture,
            index if Some(index) == self.sound => &mut self.listing.sound,
            _ => return Ok(()),
        };
        into.extend(packet(fields));
        let packets = self.listing.picture.len() + self.listing.sound.len();
        if packets > MOST_PACKETS { Err(io::Error::other("there are too many packets")) } else { Ok(()) }
    }
}

fn packet<'a>(mut fields: impl Iterator<Item = &'a str>) -> Option<Listed> {
    let mut field = || fields.next();
    let (pts, dts, duration) = (field()?.parse().ok(), field()?.parse().ok(), field()?.parse().ok());
    let (size, offset) = (field()?.parse().ok()?, field()?.parse().ok());
    let flags = field()?;
    Some(Listed { pts, dts, duration, offset, size, key: flags.contains('K'), discard: flags.contains('D') })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_and_streams_are_read_from_lines() {
        let text = "packet|0|0|-1024|N/A|2898|48|K_\npacket|1|-1024|-1024|1024|258|3942|KD|side_data|\n\npacket|2|7\n\
                    packet|0|N/A|-512|512|9|N/A|__\nstream|0|0x1\nstream|1|0x1f\n";
        let mut lister = Lister { picture: 0, sound: Some(1), listing: Listing::default() };
        for line in text.lines() {
            lister.take(line).unwrap();
        }
        let Listing { picture, sound, ids, .. } = lister.listing;
        let first = Listed {
            pts: Some(0),
            dts: Some(-1024),
            duration: None,
            offset: Some(48),
            size: 2898,
            key: true,
            discard: false,
        };
        assert_eq!(picture[0], first);
        assert_eq!((picture[1].pts, picture[1].offset, picture[1].key), (None, None, false));
        assert_eq!((sound.len(), sound[0].discard, sound[0].duration), (1, true, Some(1024)));
        assert_eq!(sound[0].offset, Some(3942));
        assert_eq!((picture.len(), ids.get(&1)), (2, Some(&31)));
    }
}
