//! Uploads that name other files open none of them. Each test has a control: the same file does show the secret to an
//! ffmpeg that is run without what keeps it from it.

use crate::fixture::{DEADLINE, ffmpeg, tools};
use heaters_media::{Run, probe};
use std::{fs, path::Path};

const SECRET_COLOUR: [u8; 3] = [201, 17, 133];
const SIZE: usize = 64;

/// Raw pixels that no other picture has.
fn secret() -> Vec<u8> {
    SECRET_COLOUR.repeat(SIZE * SIZE)
}

fn shows_secret(bytes: &[u8]) -> bool {
    bytes.windows(9).any(|window| window == SECRET_COLOUR.repeat(3))
}

/// All frames of a file as raw pixels, with options before the input; nothing where ffmpeg fails.
fn pixels(folder: &Path, options: &str, file: &str) -> Vec<u8> {
    let rest = format!("-nostdin -loglevel error {options} -i {file} -f rawvideo -pix_fmt rgb24 pipe:1");
    let args: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a hostile file" };
    let mut output = Vec::new();
    let keep = |piece: &[u8]| {
        output.extend_from_slice(piece);
        Ok(())
    };
    let _ = tools().ffmpeg(&run, keep, |_| ());
    output
}

/// What our own arguments make of a file: nothing where it is refused.
fn ours(folder: &Path, file: &str) -> Vec<u8> {
    if probe::examine(&tools(), folder, file).is_err() {
        return Vec::new();
    }
    let mut output = Vec::new();
    let args = heaters_media::args::stills(file);
    let run = Run { args: &args, folder, deadline: DEADLINE, subject: "a hostile file" };
    let _ = tools().ffmpeg(&run, |_| Ok(()), |_| ());
    let still = heaters_media::args::still_file(0);
    if folder.join(&still).exists() {
        output = pixels(folder, "", &still);
    }
    output
}

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, body].concat()
}

/// A Macintosh alias to a file beside this one, as QuickTime writes it.
fn alias(name: &str) -> Vec<u8> {
    let mut record = vec![0; 10 + 28 + 12 + 64 + 16];
    record.extend([0, 1, 0, 1]);
    record.extend([0; 16]);
    let path = format!("/x/{name}");
    record.extend([0, 2]);
    record.extend((path.len() as u16).to_be_bytes());
    record.extend(path.as_bytes());
    if path.len() % 2 == 1 {
        record.push(0);
    }
    record.extend([0xff, 0xff, 0, 0]);
    boxed(*b"alis", &[&[0; 4][..], &record].concat())
}

/// Puts a data reference in the place of the one that says "this file", and mends the sizes of the boxes around it.
fn refer(mut film: Vec<u8>, reference: &[u8]) -> Vec<u8> {
    let at = |film: &[u8], kind: &[u8; 4]| film.windows(4).position(|window| window == kind).unwrap() - 4;
    let dref = at(&film, b"dref");
    let size = |film: &[u8], at: usize| u32::from_be_bytes(film[at..at + 4].try_into().unwrap()) as usize;
    let (start, end) = (dref + 16, dref + size(&film, dref));
    let grown = reference.len() as i64 - (end - start) as i64;
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"] {
        let at = at(&film, kind);
        let new = (size(&film, at) as i64 + grown) as u32;
        film[at..at + 4].copy_from_slice(&new.to_be_bytes());
    }
    film.splice(start..end, reference.iter().copied());
    film
}

#[test]
fn a_data_reference_of_a_mov_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    ffmpeg(path, "-loglevel error -f lavfi -i color=black:s=64x64:r=1:d=1 -c:v rawvideo -pix_fmt rgb24 plain.mov");
    let film = fs::read(path.join("plain.mov")).unwrap();
    // The samples lie at the same place in the secret as in the film.
    let offset = film.windows(4).position(|window| window == b"mdat").unwrap() + 4;
    fs::write(path.join("secret"), [vec![0; offset], secret()].concat()).unwrap();
    fs::write(path.join("evil.mov"), refer(film, &alias("secret"))).unwrap();
    assert!(shows_secret(&pixels(path, "-enable_drefs 1", "evil.mov")), "the control must show it");
    assert!(!shows_secret(&ours(path, "evil.mov")));
}

#[test]
fn lists_subtitles_and_drawings_that_name_files_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("secret.rgb"), secret()).unwrap();
    let size = format!("-f rawvideo -pix_fmt rgb24 -s {SIZE}x{SIZE}");
    ffmpeg(path, &format!("-loglevel error {size} -r 1 -i secret.rgb -c:v ffv1 -pix_fmt bgr0 secret.mkv"));
    let secret_path = path.join("secret.mkv").display().to_string();
    let list = |segment: &str| {
        format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{segment}\n#EXT-X-ENDLIST\n").into_bytes()
    };
    let files: Vec<(&str, &str, Vec<u8>)> = vec![
        ("concat.mp4", "-f concat -safe 0", format!("ffconcat version 1.0\nfile {secret_path}\n").into_bytes()),
        ("list.mp4", "-f hls -allowed_extensions ALL -protocol_whitelist file", list(&secret_path)),
        ("file.ts", "", list(&format!("file://{secret_path}"))),
        ("concat.ts", "", list(&format!("concat:{secret_path}|{secret_path}"))),
        ("subfile.ts", "", list(&format!("subfile,,start,0,end,0,,:{secret_path}"))),
        ("crypto.ts", "", list(&format!("crypto:{secret_path}"))),
        ("data.ts", "", list("data:video/mp2t;base64,RwAA")),
        (
            "key.ts",
            "",
            format!(
                "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI=\"file://{secret_path}\"\n#EXTINF:1,\n\
                 {secret_path}\n#EXT-X-ENDLIST\n"
            )
            .into_bytes(),
        ),
        (
            "dash.mp4",
            "",
            format!(
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period>\
                 <AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1\"><BaseURL>file://{secret_path}\
                 </BaseURL></Representation></AdaptationSet></Period></MPD>"
            )
            .into_bytes(),
        ),
        (
            "drawing.mp4",
            "",
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"64\" \
                 height=\"64\"><image width=\"64\" height=\"64\" xlink:href=\"file://{secret_path}\"/></svg>"
            )
            .into_bytes(),
        ),
        ("subtitle.mp4", "", format!("1\n00:00:00,000 --> 00:00:09,000\n<img src=\"file://{secret_path}\">\n").into_bytes()),
        ("redirect.mp4", "", format!("[playlist]\nFile1={secret_path}\nNumberOfEntries=1\n").into_bytes()),
    ];
    for (name, control, body) in &files {
        fs::write(path.join(name), body).unwrap();
        if !control.is_empty() {
            assert!(shows_secret(&pixels(path, control, name)), "{name}: the control must show it");
        }
        assert!(!shows_secret(&ours(path, name)), "{name}");
    }
}
