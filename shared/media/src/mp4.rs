//! Sample tables of the MP4 files that our own ffmpeg runs write, and headers for MP4 files of ours.

use mp4_atom::{
    Co64, Codec, Decode, Dinf, Dref, DrefEntry, Edts, Elst, ElstEntry, Encode, Ftyp, Hdlr, Matrix, Mdhd, Mdia, Minf,
    Moov, Mvhd, Smhd, Stbl, Stsc, StscEntry, Stsd, Stsz, StszSamples, Stts, SttsEntry, Tkhd, Trak, Url, Vmhd,
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::Range,
    path::Path,
};

/// The size of an `mdat` header with a 64-bit size.
pub const MDAT_HEADER_BYTES: u64 = 16;

#[derive(Debug, thiserror::Error)]
pub enum Mp4Error {
    #[error("the MP4 file can't be read or written")]
    Io(#[from] io::Error),
    #[error("the MP4 file's boxes can't be parsed")]
    Boxes(#[from] mp4_atom::Error),
    #[error("the MP4 file is not laid out as expected: {0}")]
    Layout(&'static str),
}

/// One sample of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub offset: u64,
    pub size: u32,
    /// In the track's timescale, from the first sample's start.
    pub time: u64,
    pub duration: u32,
}

/// The only track of an MP4 file.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Ticks a second.
    pub timescale: u32,
    pub stsd: Stsd,
    pub samples: Vec<Sample>,
    /// The media time that is presented first, in the track's timescale; encoders prime before it.
    pub edit_start: u64,
}

/// A top-level box: its kind and where it is, header included.
struct TopBox {
    kind: [u8; 4],
    range: Range<u64>,
}

fn top_boxes(file: &mut File) -> Result<Vec<TopBox>, Mp4Error> {
    let end = file.metadata()?.len();
    let (mut at, mut boxes) = (0, Vec::new());
    while at + 8 <= end {
        let mut header = [0; 16];
        file.seek(SeekFrom::Start(at))?;
        file.read_exact(&mut header[..8])?;
        let mut size = u64::from(u32::from_be_bytes([header[0], header[1], header[2], header[3]]));
        if size == 1 {
            file.read_exact(&mut header[8..])?;
            size = u64::from_be_bytes([
                header[8], header[9], header[10], header[11], header[12], header[13], header[14], header[15],
            ]);
        }
        if size < 8 || size > end - at {
            return Err(Mp4Error::Layout("a box is larger than its file"));
        }
        boxes.push(TopBox { kind: [header[4], header[5], header[6], header[7]], range: at..at + size });
        at += size;
    }
    Ok(boxes)
}

/// Reads the track of a file that has exactly one.
pub fn read_track(path: &Path) -> Result<Track, Mp4Error> {
    let tracks: Result<[Track; 1], _> = read_file_tracks(path)?.try_into();
    tracks.map(|[track]| track).map_err(|_| Mp4Error::Layout("not exactly one track"))
}

/// Reads all tracks of a file.
pub fn read_file_tracks(path: &Path) -> Result<Vec<Track>, Mp4Error> {
    let mut file = File::open(path)?;
    let boxes = top_boxes(&mut file)?;
    let moov = boxes.iter().find(|found| &found.kind == b"moov").ok_or(Mp4Error::Layout("no moov"))?;
    let mut bytes = vec![0; (moov.range.end - moov.range.start) as usize];
    file.seek(SeekFrom::Start(moov.range.start))?;
    file.read_exact(&mut bytes)?;
    read_tracks(&bytes)
}

/// Reads all tracks of a `moov` box.
pub fn read_tracks(moov: &[u8]) -> Result<Vec<Track>, Mp4Error> {
    Moov::decode(&mut &*moov)?.trak.iter().map(track_of).collect()
}

fn track_of(trak: &Trak) -> Result<Track, Mp4Error> {
    let stbl = &trak.mdia.minf.stbl;
    let sizes: Vec<u32> = match &stbl.stsz.samples {
        StszSamples::Identical { count, size } => vec![*size; *count as usize],
        StszSamples::Different { sizes } => sizes.clone(),
    };
    let short = stbl.stco.iter().flat_map(|stco| stco.entries.iter().map(|offset| u64::from(*offset)));
    let long = stbl.co64.iter().flat_map(|co64| co64.entries.iter().copied());
    let chunks: Vec<u64> = short.chain(long).collect();
    let offsets = sample_offsets(&chunks, &stbl.stsc.entries, &sizes);
    let deltas =
        stbl.stts.entries.iter().flat_map(|run| std::iter::repeat_n(run.sample_delta, run.sample_count as usize));
    let mut time = 0;
    let samples: Vec<_> = offsets
        .into_iter()
        .zip(&sizes)
        .zip(deltas)
        .map(|((offset, size), duration)| {
            let sample = Sample { offset, size: *size, time, duration };
            time += u64::from(duration);
            sample
        })
        .collect();
    if samples.len() != sizes.len() {
        return Err(Mp4Error::Layout("sample tables of different lengths"));
    }
    let edits = trak.edts.as_ref().and_then(|edts| edts.elst.as_ref());
    let edit_start = edits.and_then(|elst| elst.entries.iter().find_map(|entry| entry.media_time)).unwrap_or(0);
    Ok(Track { timescale: trak.mdia.mdhd.timescale, stsd: stbl.stsd.clone(), samples, edit_start })
}

fn sample_offsets(chunks: &[u64], runs: &[StscEntry], sizes: &[u32]) -> Vec<u64> {
    let mut sizes = sizes.iter();
    let mut offsets = Vec::with_capacity(sizes.len());
    for (number, chunk) in (1u32..).zip(chunks) {
        let run = runs.iter().rev().find(|run| run.first_chunk <= number);
        let mut offset = *chunk;
        for size in sizes.by_ref().take(run.map_or(0, |run| run.samples_per_chunk as usize)) {
            offsets.push(offset);
            offset += u64::from(*size);
        }
    }
    offsets
}

/// Turns a file that ffmpeg wrote into a piece of a proxy, in place: what is before the media data becomes
/// `ftyp` (in the first piece) or a free box, the media data one `mdat` with a 64-bit size, and what is
/// behind it goes. Sample offsets stay as they are.
pub fn make_piece(path: &Path, first: bool) -> Result<u64, Mp4Error> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let boxes = top_boxes(&mut file)?;
    let [ftyp, rest @ ..] = boxes.as_slice() else { return Err(Mp4Error::Layout("no boxes")) };
    let mdat = rest.iter().position(|found| &found.kind == b"mdat").ok_or(Mp4Error::Layout("no mdat"))?;
    let end = rest[mdat].range.end;
    if &ftyp.kind != b"ftyp" {
        return Err(Mp4Error::Layout("no ftyp at the start"));
    }
    let start = match mdat {
        // ffmpeg found a 64-bit size to be needed itself.
        0 => rest[0].range.start,
        // Its 8 bytes of free space before mdat are what a 64-bit size takes more.
        1 if &rest[0].kind == b"free" && rest[0].range.end - rest[0].range.start == 8 => rest[0].range.start,
        _ => return Err(Mp4Error::Layout("no room for a 64-bit mdat")),
    };
    file.seek(SeekFrom::Start(start))?;
    file.write_all(&mdat_header(end - start - MDAT_HEADER_BYTES))?;
    if !first {
        file.seek(SeekFrom::Start(ftyp.range.start + 4))?;
        file.write_all(b"free")?;
    }
    file.set_len(end)?;
    Ok(end)
}

/// The header of an `mdat` box with that many bytes of media data.
pub fn mdat_header(payload: u64) -> [u8; MDAT_HEADER_BYTES as usize] {
    let mut header = [0; MDAT_HEADER_BYTES as usize];
    header[..4].copy_from_slice(&1u32.to_be_bytes());
    header[4..8].copy_from_slice(b"mdat");
    header[8..].copy_from_slice(&(payload + MDAT_HEADER_BYTES).to_be_bytes());
    header
}

/// A track to write a header for.
#[derive(Debug, Clone)]
pub struct TrackHeader {
    pub stsd: Stsd,
    /// Width and height in pixels; `None` for sound.
    pub size: Option<(u32, u32)>,
    pub timescale: u32,
    /// Offset, size and duration of each sample.
    pub samples: Vec<(u64, u32, u32)>,
    /// The media time presented first, where it is not 0.
    pub edit_start: u64,
}

/// The `ftyp` box of our files.
pub fn ftyp() -> Result<Vec<u8>, Mp4Error> {
    let brands = [b"isom", b"iso2", b"avc1", b"mp41"].map(Into::into);
    let ftyp = Ftyp { major_brand: b"isom".into(), minor_version: 512, compatible_brands: brands.to_vec() };
    let mut bytes = Vec::new();
    ftyp.encode(&mut bytes)?;
    Ok(bytes)
}

/// The `moov` box of a movie that lasts `duration` ticks of `timescale`. Its size does not depend on the
/// samples' offsets.
pub fn moov(tracks: &[TrackHeader], timescale: u32, duration: u64) -> Result<Vec<u8>, Mp4Error> {
    let mvhd = Mvhd {
        creation_time: 0,
        modification_time: 0,
        timescale,
        duration,
        rate: 1.into(),
        volume: 1.into(),
        matrix: Matrix::default(),
        next_track_id: tracks.len() as u32 + 1,
    };
    let trak = (1u32..).zip(tracks).map(|(id, track)| trak(track, id, duration)).collect();
    let moov = Moov { mvhd, meta: None, mvex: None, trak, udta: None, ainf: None };
    let mut bytes = Vec::new();
    moov.encode(&mut bytes)?;
    Ok(bytes)
}

fn trak(track: &TrackHeader, track_id: u32, movie_duration: u64) -> Trak {
    let (width, height) = track.size.unwrap_or((0, 0));
    let is_sound = track.size.is_none();
    let tkhd = Tkhd {
        track_id,
        duration: movie_duration,
        enabled: true,
        in_movie: true,
        alternate_group: u16::from(is_sound),
        volume: u8::from(is_sound).into(),
        width: (width as u16).into(),
        height: (height as u16).into(),
        ..Tkhd::default()
    };
    let edit = ElstEntry { segment_duration: movie_duration, media_time: Some(track.edit_start), media_rate: 1.into() };
    let edts = is_sound.then(|| Edts { elst: Some(Elst { entries: vec![edit] }) });
    let duration = track.samples.iter().map(|(_, _, duration)| u64::from(*duration)).sum();
    let mdhd = Mdhd { timescale: track.timescale, duration, language: "und".to_owned(), ..Mdhd::default() };
    let (handler, name) = if is_sound { (b"soun", "SoundHandler") } else { (b"vide", "VideoHandler") };
    let hdlr = Hdlr { handler: handler.into(), name: name.to_owned() };
    let minf = Minf {
        vmhd: (!is_sound).then(Vmhd::default),
        smhd: is_sound.then(Smhd::default),
        dinf: Dinf { dref: Dref { entries: vec![DrefEntry::Url(Url::default())] } },
        stbl: stbl(track),
        ..Minf::default()
    };
    Trak { tkhd, edts, meta: None, mdia: Mdia { mdhd, hdlr, minf }, senc: None, tref: None, udta: None }
}

fn stbl(track: &TrackHeader) -> Stbl {
    let mut stts = Vec::<SttsEntry>::new();
    let mut chunks = Vec::<(u64, u32)>::new();
    let mut next_offset = None;
    for (offset, size, duration) in &track.samples {
        match stts.last_mut() {
            Some(run) if run.sample_delta == *duration => run.sample_count += 1,
            _ => stts.push(SttsEntry { sample_count: 1, sample_delta: *duration }),
        }
        match chunks.last_mut() {
            Some((_, count)) if next_offset == Some(*offset) => *count += 1,
            _ => chunks.push((*offset, 1)),
        }
        next_offset = Some(offset + u64::from(*size));
    }
    let stsc = (1u32..).zip(&chunks).map(|(first_chunk, (_, samples_per_chunk))| StscEntry {
        first_chunk,
        samples_per_chunk: *samples_per_chunk,
        sample_description_index: 1,
    });
    Stbl {
        stsd: track.stsd.clone(),
        stts: Stts { entries: stts },
        stsc: Stsc { entries: stsc.collect() },
        stsz: Stsz {
            samples: StszSamples::Different { sizes: track.samples.iter().map(|(_, size, _)| *size).collect() },
        },
        co64: Some(Co64 { entries: chunks.into_iter().map(|(offset, _)| offset).collect() }),
        ..Stbl::default()
    }
}

/// A sample description box as bytes, without the bit rate, which differs between the chunks of a video.
pub fn encode_stsd(stsd: &Stsd) -> Result<Vec<u8>, Mp4Error> {
    let mut stsd = stsd.clone();
    for codec in &mut stsd.codecs {
        if let Codec::Avc1(avc) = codec {
            avc.btrt = None;
        }
    }
    let mut bytes = Vec::new();
    stsd.encode(&mut bytes)?;
    Ok(bytes)
}

/// A sample description box from bytes.
pub fn decode_stsd(mut bytes: &[u8]) -> Result<Stsd, Mp4Error> {
    Ok(Stsd::decode(&mut bytes)?)
}

/// The picture's size in pixels by its sample description.
pub fn picture_size(stsd: &Stsd) -> Option<(u32, u32)> {
    match stsd.codecs.first()? {
        Codec::Avc1(avc) => Some((avc.visual.width.into(), avc.visual.height.into())),
        _ => None,
    }
}
