//! The beginning of a chunk's local file: the source's own `ftyp` and `moov`, the latter without samples.

use super::{
    access::Access,
    boxes::{boxed, child, children, full},
    table::MOST_BEGINNING_BYTES,
};

/// The samples' formats that only a key makes readable.
const ENCRYPTED: [&[u8; 4]; 4] = [b"encv", b"enca", b"drmi", b"drms"];

/// The fields of a picture's sample description before its boxes.
const PICTURE_ENTRY_BYTES: usize = 78;

/// What is taken over from a `moov` box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beginning {
    pub bytes: Vec<u8>,
    /// Ticks a second of the picture and of the sound.
    pub timescales: (u32, Option<u32>),
    /// How it is seen in the picture's packets whether decoding can begin there.
    pub access: Access,
}

/// Makes the beginning of a fragmented file with these tracks, the picture's first. Sample descriptions and
/// track headers stay byte for byte, so that decoders get what they would from the source; edits go, since
/// the packet table's times have them applied.
///
/// `None` where a chunk can't be written: a track is missing or has several sample descriptions, or its
/// samples are encrypted.
pub(super) fn beginning(ftyp: &[u8], moov: &[u8], picture: u32, sound: Option<u32>) -> Option<Beginning> {
    if sound == Some(picture) {
        return None;
    }
    let moov = child(moov, *b"moov")?.body;
    let mvhd = without_duration(child(moov, *b"mvhd")?.whole, 16, 24)?;
    let (mut traks, picture_ticks) = track(moov, picture)?;
    let access = access(&traks).unwrap_or(Access::Trusted);
    let mut trex = extends(picture);
    let mut sound_ticks = None;
    if let Some(sound) = sound {
        let (trak, ticks) = track(moov, sound)?;
        traks.extend(trak);
        trex.extend(extends(sound));
        sound_ticks = Some(ticks);
    }
    let moov = boxed(*b"moov", &[&mvhd, &traks, &boxed(*b"mvex", &[&trex])]);
    let bytes = [ftyp, &moov].concat();
    (bytes.len() <= MOST_BEGINNING_BYTES).then_some(Beginning {
        bytes,
        timescales: (picture_ticks, sound_ticks),
        access,
    })
}

/// By the configuration in a picture's sample description.
fn access(trak: &[u8]) -> Option<Access> {
    let mut body = trak;
    for kind in [*b"trak", *b"mdia", *b"minf", *b"stbl", *b"stsd"] {
        body = child(body, kind)?.body;
    }
    let entry = children(body.get(8..)?).next()?;
    let length_bytes = |kind, at: usize| {
        let configuration = child(entry.body.get(PICTURE_ENTRY_BYTES..)?, kind)?.body;
        Some(usize::from(configuration.get(at)? & 3) + 1)
    };
    match &entry.kind {
        b"avc1" | b"avc3" => Some(Access::Avc { length_bytes: length_bytes(*b"avcC", 4)? }),
        b"hvc1" | b"hev1" => Some(Access::Hevc { length_bytes: length_bytes(*b"hvcC", 21)? }),
        b"vp08" => Some(Access::Vp8),
        b"vp09" => Some(Access::Vp9),
        _ => None,
    }
}

/// The `trex` box, which says that a track has fragments.
fn extends(track: u32) -> Vec<u8> {
    let fields = [track, 1, 0, 0, 0].map(u32::to_be_bytes).concat();
    full(*b"trex", 0, 0, &[&fields])
}

/// A track without its samples, and its ticks a second.
fn track(moov: &[u8], id: u32) -> Option<(Vec<u8>, u32)> {
    let mut traks =
        children(moov).filter(|inner| inner.kind == *b"trak").filter(|trak| track_id(trak.body) == Some(id));
    let trak = traks.next()?.body;
    if traks.next().is_some() {
        return None;
    }
    let tkhd = without_duration(child(trak, *b"tkhd")?.whole, 20, 28)?;
    let mdia = child(trak, *b"mdia")?.body;
    let mdhd = child(mdia, *b"mdhd")?;
    let ticks = field(mdhd.body, if mdhd.body.first()? == &1 { 20 } else { 12 })?;
    let minf = child(mdia, *b"minf")?.body;
    let stsd = child(child(minf, *b"stbl")?.body, *b"stsd")?;
    let (entries, format) = (field(stsd.body, 4)?, stsd.body.get(12..16)?);
    if ticks == 0 || entries != 1 || ENCRYPTED.iter().any(|encrypted| format == *encrypted) {
        return None;
    }
    // Media headers and the like; references to data would name other files.
    let kept: Vec<u8> = children(minf)
        .filter(|inner| !matches!(&inner.kind, b"stbl" | b"dinf"))
        .flat_map(|inner| inner.whole.iter().copied())
        .collect();
    let here = full(*b"dref", 0, 0, &[&1u32.to_be_bytes(), &full(*b"url ", 0, 1, &[])]);
    let minf = boxed(*b"minf", &[&kept, &boxed(*b"dinf", &[&here]), &boxed(*b"stbl", &[stsd.whole, &no_samples()])]);
    let mdhd = without_duration(mdhd.whole, 16, 24)?;
    let mdia = boxed(*b"mdia", &[&mdhd, child(mdia, *b"hdlr")?.whole, &minf]);
    Some((boxed(*b"trak", &[&tkhd, &mdia]), ticks))
}

/// The sample tables of a track whose samples are all in fragments.
fn no_samples() -> Vec<u8> {
    let none = [0; 8];
    let tables = [*b"stts", *b"stsc", *b"stco"].map(|kind| full(kind, 0, 0, &[&none[..4]]));
    [tables.concat(), full(*b"stsz", 0, 0, &[&none])].concat()
}

fn track_id(trak: &[u8]) -> Option<u32> {
    let tkhd = child(trak, *b"tkhd")?.body;
    field(tkhd, if tkhd.first()? == &1 { 20 } else { 12 })
}

fn field(body: &[u8], at: usize) -> Option<u32> {
    body.get(at..)?.first_chunk().copied().map(u32::from_be_bytes)
}

/// A header box whose duration is 0: a chunk does not last as long as the source. `short` and `long` are
/// where the duration lies in the body of version 0 and 1.
fn without_duration(whole: &[u8], short: usize, long: usize) -> Option<Vec<u8>> {
    let header = whole.len() - child(whole, *whole.get(4..8)?.first_chunk()?)?.body.len();
    let range = if whole.get(header)? == &1 { long..long + 8 } else { short..short + 4 };
    let mut bytes = whole.to_vec();
    bytes.get_mut(header + range.start..header + range.end)?.fill(0);
    Some(bytes)
}
