//! Known colours through the pipeline: what a browser would show of the proxy, and what the thumbnails hold.

use crate::{
    ingest::{Made, ingest, settings},
    tools::ffmpeg,
};
use heaters_domain::thumbs::{CHROMA_WIDTH, LUMA_WIDTH};

type Rgb = [u8; 3];

const PATCHES: [Rgb; 6] = [[255, 0, 0], [0, 192, 0], [0, 0, 255], [255, 255, 255], [128, 128, 128], [0, 0, 0]];
const NAMES: [&str; 6] = ["0xff0000", "0x00c000", "0x0000ff", "0xffffff", "0x808080", "0x000000"];
/// Encoding, halved chroma and two conversions may move a value so far.
const TOLERANCE: u8 = 5;

/// The patches side by side, as planar RGB.
fn patches(width: u32, height: u32) -> String {
    let inputs = NAMES.map(|name| format!("color={name}:s={width}x{height}:r=5:d=0.6,format=gbrp[p{name}]"));
    let labels = NAMES.map(|name| format!("[p{name}]")).concat();
    format!("-f lavfi -i {};{labels}hstack=6", inputs.join(";"))
}

/// Makes a film of small patches by ffmpeg's options and ingests it.
fn made(options: &str, file: &str) -> Made {
    made_of(&format!("{} {options}", patches(32, 36)), file)
}

fn made_of(command: &str, file: &str) -> Made {
    let folder = tempfile::tempdir().unwrap();
    ffmpeg(folder.path(), &format!("{command} {file}"));
    ingest(&folder.path().join(file), &settings(1)).unwrap()
}

/// The colours in the middles of so many equal columns of the proxy's second frame, as its tags say to show them.
fn shown(made: &Made, columns: u32) -> Vec<Rgb> {
    let (width, height) = (made.output.width, made.output.height);
    let second = "-i proxy.mp4 -vf select='eq(n,1)',format=rgb24 -frames:v 1 -f rawvideo pipe:1";
    let pixels = ffmpeg(&made.folder(), second);
    assert_eq!(pixels.len() as u32, width * height * 3);
    let middle = |column: u32| (height / 2 * width + (column * 2 + 1) * width / (2 * columns)) as usize * 3;
    (0..columns).map(|column| pixels[middle(column)..middle(column) + 3].try_into().unwrap()).collect()
}

fn near(found: &[Rgb], expected: &[Rgb], tolerance: u8) {
    let far = |(one, other): (&Rgb, &Rgb)| one.iter().zip(other).any(|(one, other)| one.abs_diff(*other) > tolerance);
    assert!(!found.iter().zip(expected).any(far), "{found:?} instead of {expected:?}");
}

/// The thumbnails have the proxy's samples.
fn assert_thumbs_agree(made: &Made) {
    let (width, height) = (made.output.width as usize, made.output.height as usize);
    let second = "-i proxy.mp4 -vf select='eq(n,1)' -frames:v 1 -f rawvideo -pix_fmt yuv420p pipe:1";
    let samples = ffmpeg(&made.folder(), second);
    let (luma, chroma) = (width * height, width * height / 4);
    let thumb = &made.thumbs[1];
    for patch in 0..6 {
        let middle = |width: usize| (patch * 2 + 1) * width / 12;
        let proxy = [
            samples[height / 2 * width + middle(width)],
            samples[luma + height / 4 * (width / 2) + middle(width / 2)],
            samples[luma + chroma + height / 4 * (width / 2) + middle(width / 2)],
        ];
        let at = 4 * CHROMA_WIDTH + middle(CHROMA_WIDTH);
        let small = [thumb.luma[18 * LUMA_WIDTH + middle(LUMA_WIDTH)], thumb.u[at], thumb.v[at]];
        // A chroma sample of a thumbnail covers four of 64, and so a neighbour's part.
        assert!(proxy[0].abs_diff(small[0]) <= 3, "patch {patch}: {proxy:?} in the proxy, {small:?} in the thumbnail");
        let chroma_far = proxy.iter().zip(&small).skip(1).any(|(one, other)| one.abs_diff(*other) > 40);
        assert!(!chroma_far, "patch {patch}: {proxy:?} in the proxy, {small:?} in the thumbnail");
    }
}

fn assert_patches(options: &str, file: &str) -> Made {
    let made = made(options, file);
    near(&shown(&made, 6), &PATCHES, TOLERANCE);
    assert_thumbs_agree(&made);
    made
}

fn tag(made: &Made) -> String {
    let entries = "-show_entries stream=color_range,color_space,color_primaries,color_transfer,pix_fmt";
    let said = crate::tools::ffprobe(
        &made.folder(),
        &format!("-loglevel error -select_streams v {entries} -of default=nk=1:nw=1 proxy.mp4"),
    );
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

const BT709: &str = "yuv420p tv bt709 bt709 bt709";
const BT601: &str = "yuv420p tv smpte170m smpte170m smpte170m";
const X264: &str = "-c:v libx264 -preset ultrafast -qp 4";

#[test]
fn matrices_are_read_as_tagged_or_as_the_size_has_it() {
    let to_709 = "-vf scale=out_color_matrix=bt709,format=yuv420p";
    let small = assert_patches(&format!("-pix_fmt yuv420p {X264}"), "a.mp4");
    assert_eq!(tag(&small), BT601);
    let tagged = assert_patches(&format!("{to_709} -colorspace bt709 {X264}"), "a.mp4");
    assert_eq!(tag(&tagged), BT709);
    let large = made_of(&format!("{} {to_709} {X264}", patches(214, 720)), "a.mp4");
    near(&shown(&large, 6), &PATCHES, TOLERANCE);
    assert_eq!(tag(&large), BT709);
    let large = made_of(&format!("{} -pix_fmt yuv420p -colorspace smpte170m {X264}", patches(214, 720)), "a.mkv");
    near(&shown(&large, 6), &PATCHES, TOLERANCE);
    assert_eq!(tag(&large), BT601);
}

#[test]
fn full_range_becomes_limited() {
    assert_patches("-c:v mjpeg -q:v 2", "a.avi");
    assert_patches(&format!("-pix_fmt yuvj420p {X264}"), "a.mp4");
    let full = "-vf scale=out_range=pc:out_color_matrix=bt709,format=yuv444p -color_range pc -colorspace bt709";
    let made = assert_patches(&format!("{full} -c:v ffv1"), "a.mkv");
    assert_eq!(tag(&made), BT709);
}

#[test]
fn rgb_becomes_yuv() {
    assert_patches("-c:v libx264rgb -preset ultrafast -qp 0", "a.mp4");
    assert_patches("-c:v png -pix_fmt rgb24", "a.mov");
    assert_patches("-c:v rawvideo -pix_fmt bgr24", "a.avi");
    assert_patches("-c:v ffv1 -pix_fmt bgr0", "a.mkv");
    assert_patches("-c:v qtrle -pix_fmt rgb24", "a.mov");
}

#[test]
fn denser_and_deeper_samples_become_8_bits_of_420() {
    for (format, codec) in [("yuv422p", "ffv1"), ("yuv444p", "libx264 -qp 0"), ("yuv420p10le", "libx264 -qp 4")] {
        assert_patches(&format!("-pix_fmt {format} -c:v {codec}"), "a.mkv");
    }
    assert_patches("-pix_fmt yuv422p10le -c:v prores -profile:v 3", "a.mov");
    assert_patches("-pix_fmt yuv444p16le -c:v ffv1", "a.mkv");
    assert_patches("-pix_fmt yuv410p -c:v ffv1", "a.mkv");
    let made = assert_patches("-pix_fmt yuv420p10le -c:v libx265 -x265-params log-level=none:qp=4", "a.mp4");
    assert_eq!(tag(&made), BT601);
}

#[test]
fn gray_stays_gray() {
    // BT.601's luma of the patches.
    let grays = [76, 113, 29, 255, 128, 0].map(|gray| [gray; 3]);
    for (options, file) in [
        ("-pix_fmt gray -c:v ffv1", "a.mkv"),
        ("-pix_fmt gray -c:v libx264 -qp 4", "a.mp4"),
        ("-pix_fmt gray10le -c:v ffv1", "a.mkv"),
        ("-pix_fmt gray -c:v png", "a.mov"),
    ] {
        let made = made(options, file);
        near(&shown(&made, 6), &grays, TOLERANCE);
        assert_thumbs_agree(&made);
    }
}

#[test]
fn transparency_becomes_black_behind_the_picture() {
    let half: Vec<Rgb> = PATCHES.iter().map(|patch| patch.map(|value| (f64::from(value) * 0.502) as u8)).collect();
    for (options, file) in [
        ("-vf format=gbrap,lutrgb=a=128 -c:v qtrle -pix_fmt argb", "a.mov"),
        ("-vf format=gbrap,lutrgb=a=128 -c:v png -pix_fmt rgba", "a.mov"),
        ("-vf format=gbrap,lutrgb=a=128,format=yuva444p10le -c:v prores_ks -profile:v 4444 -alpha_bits 16", "a.mov"),
        ("-vf format=gbrap,lutrgb=a=128,format=yuva420p -c:v ffv1", "a.mkv"),
    ] {
        let made = made(options, file);
        near(&shown(&made, 6), &half, TOLERANCE);
        assert_thumbs_agree(&made);
    }
}

#[test]
fn a_filler_where_alpha_would_be_is_no_transparency() {
    assert_patches("-vf format=gbrap,lutrgb=a=0 -c:v rawvideo -pix_fmt bgra", "a.avi");
}

#[test]
fn wide_colours_of_standard_range_are_narrowed() {
    let wide = "-vf zscale=tin=bt709:pin=bt709:t=bt2020-10:p=bt2020:m=bt2020nc:r=tv,format=yuv420p10le";
    let tags = "-colorspace bt2020nc -color_primaries bt2020 -color_trc bt2020-10";
    let made = made(&format!("{wide} {tags} -c:v libx265 -x265-params log-level=none:qp=4"), "a.mp4");
    near(&shown(&made, 6), &PATCHES, 8);
    assert_thumbs_agree(&made);
    assert_eq!(tag(&made), BT709);
}

/// What the tone curve makes of a colour: mid-tones stay, the reference white leaves room for highlights.
fn mapped(colour: Rgb) -> Rgb {
    let linear = colour.map(|value| (f64::from(value) / 255.0).powf(2.4));
    let most = linear.iter().copied().fold(0.0, f64::max);
    let (knee, peak) = (0.3, 5.0);
    let share = if most <= knee {
        1.0
    } else {
        let a = -knee * knee * (peak - 1.0) / (knee * knee - 2.0 * knee + peak);
        let b = (knee * knee - 2.0 * knee * peak + peak) / (peak - 1.0);
        (b * b + 2.0 * b * knee + knee * knee) / (b - a) * (most + a) / (most + b) / most
    };
    linear.map(|value| ((value * share).powf(1.0 / 2.4) * 255.0).round() as u8)
}

#[test]
fn high_dynamic_range_is_mapped_and_keeps_its_colours() {
    let expected = PATCHES.map(mapped);
    assert!(expected[3][0] > 200 && expected[4] == [128; 3]);
    for transfer in ["smpte2084", "arib-std-b67"] {
        for range in ["tv", "pc"] {
            let to_hdr = format!(
                "-vf setparams=color_primaries=bt709:color_trc=bt709:colorspace=gbr,\
                 zscale=t=linear:npl=203,format=gbrpf32le,\
                 zscale=t={transfer}:p=bt2020:m=bt2020nc:r={range}:npl=203,format=yuv420p10le"
            );
            let tags =
                format!("-color_trc {transfer} -colorspace bt2020nc -color_primaries bt2020 -color_range {range}");
            let params = if range == "pc" { ":range=full" } else { "" };
            let codec = format!("-c:v libx265 -x265-params log-level=none:qp=4{params}");
            let made = made(&format!("{to_hdr} {tags} {codec}"), "a.mp4");
            near(&shown(&made, 6), &expected, 8);
            assert_thumbs_agree(&made);
            assert_eq!(tag(&made), BT709);
        }
    }
}

#[test]
fn the_reference_white_of_both_transfers_is_the_same() {
    // 203 nits: 58 % of PQ's signal and 75 % of HLG's.
    let white = mapped([255; 3]);
    for (transfer, luma) in [("smpte2084", 573), ("arib-std-b67", 721)] {
        let flat = format!("-f lavfi -i color=black:s=64x36:r=5:d=0.6,format=yuv420p10le,geq=lum={luma}:cb=512:cr=512");
        let tags = format!("-color_trc {transfer} -colorspace bt2020nc -color_primaries bt2020");
        let made = made_of(&format!("{flat} {tags} -c:v libx265 -x265-params log-level=none:qp=4"), "a.mp4");
        near(&shown(&made, 1), &[white], 8);
    }
}
