//! Packets that may give no frame of their own.
//!
//! - VP8 and VP9 have pictures that are only referred to; the packet says so in its first byte (RFC 6386, 9.1; VP9
//!   bitstream specification, 7.2). Where VP9 puts one together with a picture that is shown, in a superframe, the
//!   packet has its frame.
//! - MPEG-4 Visual has pictures that say no more than that nothing was coded. They stand for a repetition, which
//!   decoders leave out, or behind two pictures that were packed into one packet. Nothing else is as short.

use super::{
    PassError,
    crc::{self, Line},
    forget,
};
use crate::args::{PACKETS_DATA_FILE, PACKETS_FILE};
use nix::{sys::stat::Mode, unistd::mkfifo};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
};

/// The longest MPEG-4 picture of which nothing was coded, in bytes; ffmpeg takes the same bound.
const LONGEST_NOT_CODED: u64 = 19;

/// How packets of a codec tell that they may give no frame; `None`: not by what is in them.
fn tell(codec: &str) -> Option<fn(&Ends) -> bool> {
    match codec {
        "vp8" => Some(|ends| vp8_hidden(ends.first)),
        "vp9" => Some(|ends| !is_superframe(ends.last) && vp9_hidden(ends.first)),
        _ => None,
    }
}

/// Whether packets of a codec have to be looked into.
pub fn need_data(codec: &str) -> bool {
    tell(codec).is_some()
}

/// Looks into packets while ffmpeg writes them to [`PACKETS_DATA_FILE`], which is a pipe: together they would take as
/// much room as the source.
pub struct Looker {
    path: PathBuf,
    /// Both ends of the pipe, so that neither ffmpeg nor the thread waits for the other to open it.
    held: File,
    thread: JoinHandle<io::Result<Vec<bool>>>,
}

impl Looker {
    /// `None` where packets of the codec need no look.
    pub fn start(folder: &Path, codec: &str) -> Result<Option<Self>, PassError> {
        let Some(hidden) = tell(codec) else { return Ok(None) };
        let (path, lines) = (folder.join(PACKETS_DATA_FILE), folder.join(PACKETS_FILE));
        for path in [&path, &lines] {
            forget(path)?;
        }
        let begun = || -> io::Result<_> {
            mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR)?;
            let held = File::options().read(true).write(true).open(&path)?;
            let data = File::open(&path)?;
            let look = move || look(data, &lines, hidden);
            Ok((held, thread::Builder::new().name("hidden".to_owned()).spawn(look)?))
        };
        match begun() {
            Ok((held, thread)) => Ok(Some(Self { path, held, thread })),
            Err(source) => Err(PassError::File { path, source }),
        }
    }

    /// Whether each packet that has data may give no frame, once ffmpeg has ended.
    pub fn finish(self) -> Result<Vec<bool>, PassError> {
        let Self { path, held, thread } = self;
        drop(held);
        let looked = thread.join().unwrap_or_else(|_| Err(io::Error::other("the look into packets was broken off")));
        looked.map_err(|source| PassError::File { path, source })
    }
}

/// The first and the last byte of a packet.
struct Ends {
    first: u8,
    last: u8,
}

/// Reads packets until nobody writes any more, and their sizes from the lines that ffmpeg writes first.
fn look(data: File, lines: &Path, hidden: impl Fn(&Ends) -> bool) -> io::Result<Vec<bool>> {
    let mut data = BufReader::new(data);
    let looked = look_into(&mut data, lines, hidden);
    if looked.is_err() {
        // Else ffmpeg would wait for somebody to read.
        io::copy(&mut data, &mut io::sink())?;
    }
    looked
}

fn look_into(data: &mut impl BufRead, lines: &Path, hidden: impl Fn(&Ends) -> bool) -> io::Result<Vec<bool>> {
    let (mut sizes, mut found) = (None, Vec::new());
    while !data.fill_buf()?.is_empty() {
        let sizes = match &mut sizes {
            Some(sizes) => sizes,
            None => sizes.insert(Sizes(BufReader::new(File::open(lines)?))),
        };
        let size = sizes.next()?;
        found.push(hidden(&ends(data, size)?));
    }
    Ok(found)
}

fn ends(data: &mut impl BufRead, size: u64) -> io::Result<Ends> {
    let mut byte = [0];
    data.read_exact(&mut byte)?;
    let first = byte[0];
    if size > 1 {
        let between = size - 2;
        if io::copy(&mut data.by_ref().take(between), &mut io::sink())? != between {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        data.read_exact(&mut byte)?;
    }
    Ok(Ends { first, last: byte[0] })
}

/// The sizes of the packets that have data.
struct Sizes<R>(R);

impl<R: BufRead> Sizes<R> {
    fn next(&mut self) -> io::Result<u64> {
        let mut text = String::new();
        loop {
            text.clear();
            self.0.read_line(&mut text)?;
            if !text.ends_with('\n') {
                return Err(io::Error::other("a packet has no line"));
            }
            if let Some(size) = crc::parse(&text).map(|line| line.size).filter(|size| *size > 0) {
                return Ok(size);
            }
        }
    }
}

/// Marks the packets that may give no frame. `looked` is of those that have data, where they had to be looked into.
pub fn mark(packets: &mut [Line], looked: Option<&[bool]>, codec: &str) -> Result<(), PassError> {
    if codec == "mpeg4" {
        for packet in packets.iter_mut() {
            packet.hidden = packet.size <= LONGEST_NOT_CODED;
        }
    }
    let Some(looked) = looked else { return Ok(()) };
    let mut with_data: Vec<_> = packets.iter_mut().filter(|packet| packet.size > 0).collect();
    if with_data.len() != looked.len() {
        return Err(PassError::Packets);
    }
    for (packet, hidden) in with_data.iter_mut().zip(looked) {
        packet.hidden = *hidden;
    }
    Ok(())
}

fn vp8_hidden(first: u8) -> bool {
    first & 0x10 == 0
}

/// A superframe's index ends with its own first byte.
fn is_superframe(last: u8) -> bool {
    last & 0xE0 == 0xC0
}

fn vp9_hidden(first: u8) -> bool {
    // Frame marker 2, two bits of profile, and one more that is reserved in profile 3.
    let bits = first << (4 + u32::from(first & 0x30 == 0x30));
    let (shows_existing, shown) = (bits & 0x80 != 0, bits & 0x20 != 0);
    !shows_existing && !shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fs;

    proptest! {
        #[test]
        fn packets_are_told_apart_by_their_lines(packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..40)) {
            let folder = tempfile::tempdir().unwrap();
            let lines = folder.path().join("lines");
            let line = |packet: &Vec<u8>| format!("0, 0, 0, 1, {}, 0x0, F=0x0\n", packet.len());
            fs::write(&lines, format!("#tb 0: 1/25\n{}", packets.iter().map(line).collect::<String>())).unwrap();
            let hidden = |ends: &Ends| ends.first < 64 && ends.last > 8;
            let looked = look_into(&mut packets.concat().as_slice(), &lines, hidden).unwrap();
            let with_data = packets.iter().filter(|packet| !packet.is_empty());
            let expected = with_data.map(|packet| packet[0] < 64 && packet[packet.len() - 1] > 8);
            prop_assert_eq!(looked, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn data_without_a_line_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let lines = folder.path().join("lines");
        for text in ["0, 0, 0, 1, 3, 0x0\n", "0, 0, 0, 1, 3, 0x0\n0, 1, 1", "0, 0, 0, 1, 9, 0x0\n"] {
            fs::write(&lines, text).unwrap();
            assert!(look_into(&mut [1u8; 4].as_slice(), &lines, |_| true).is_err(), "{text}");
        }
    }

    #[test]
    fn first_bytes_tell_what_is_shown() {
        assert!(vp8_hidden(0b0000_0001) && !vp8_hidden(0b0001_0000));
        // A key frame, a frame that is not shown, and an order to show one that is there.
        assert!(!vp9_hidden(0b1000_0010) && vp9_hidden(0b1000_0100) && !vp9_hidden(0b1000_1000));
        assert!(is_superframe(0b1100_1001) && !is_superframe(0b1010_0000));
    }
}
