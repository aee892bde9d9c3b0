//! Filter chains of ffmpeg: geometry, field order and colour. Pure.

use heaters_domain::{plan::Source, settings::ProxySettings, tiles};

/// Keeps each frame's time, and gives those that have none, or not a later one than the frame before, the
/// next possible: encoder and container refuse them otherwise.
pub(crate) const STAMPS_FILTER: &str = "setpts='if(isnan(PREV_OUTPTS),if(isnan(PTS),0,PTS),\
if(isnan(PTS),PREV_OUTPTS+if(gt(FR,0),max(1,round(1/(FR*TB))),1),max(PTS,PREV_OUTPTS+1)))'";

/// Codecs whose containers often don't say that frames are interlaced; the frames do.
const SILENT_CODECS: [&str; 3] = ["dvvideo", "mpeg4", "mjpeg"];
/// The luminance that becomes the proxy's white before highlights are compressed: HDR's reference white, in
/// nits.
const REFERENCE_WHITE: u32 = 203;
/// Highlights end at this many times the reference white, 1000 nits or so. Fixed, since a peak taken from the
/// frames' side data would depend on where a chunk starts.
const PEAK: u32 = 5;

/// The height from which on a quarter of the rows is still five for each of a thumbnail's.
const TALL: u32 = 720;

/// The proxy's filter chain.
pub fn picture(source: &Source, settings: &ProxySettings) -> String {
    let (width, height) = proxy_size(source.media.width, source.media.height, settings);
    let target = Target::of(source);
    let tag = target.tag;
    let mut filters = vec![STAMPS_FILTER.to_owned()];
    // Frames that aren't marked as interlaced pass untouched.
    if source.media.interlaced || SILENT_CODECS.contains(&source.media.video_codec.as_str()) {
        filters.push("yadif=mode=send_frame:parity=auto:deint=interlaced".to_owned());
    }
    filters.extend(flatten(source));
    filters.extend(target.convert(width, height, "bicubic"));
    filters.push(format!(
        "format=yuv420p,setsar=1,setparams=range=tv:color_primaries={tag}:color_trc={tag}:colorspace={tag}"
    ));
    filters.join(",")
}

/// The thumbnails' filter chain. They are not de-interlaced: that would mix neighbouring frames into them.
///
/// Of tall pictures every fourth row is enough; leaving out rows costs nothing, reading them more than the rest of the
/// scaling.
pub fn thumb(source: &Source) -> String {
    let mut filters = vec![STAMPS_FILTER.to_owned()];
    filters.extend(flatten(source));
    if source.media.height >= TALL {
        filters.push("field,field".to_owned());
    }
    filters.extend(Target::of(source).convert(64, 36, "area"));
    filters.push("format=yuv420p".to_owned());
    filters.join(",")
}

/// The filter chain of storyboard tiles, which end as JPEG: full-range BT.601 by convention.
pub fn tile(source: &Source) -> String {
    let (width, height) = tiles::size(source.media.width, source.media.height);
    let target = Target::of(source);
    let mut filters: Vec<String> = flatten(source).into_iter().collect();
    filters.extend(target.convert(width, height, "area"));
    let matrix = if target.tag == "bt709" { "bt709" } else { "bt601" };
    filters.push(format!("scale=in_color_matrix={matrix}:in_range=tv:out_color_matrix=bt601:out_range=pc"));
    filters.push("format=yuvj420p,setsar=1".to_owned());
    filters.join(",")
}

/// The proxy's tag for matrix, primaries and transfer, in ffmpeg's words.
pub fn colour_tag(source: &Source) -> &'static str {
    Target::of(source).tag
}

/// Puts a picture that is partly transparent on black.
fn flatten(source: &Source) -> Option<String> {
    source.colour.alpha.then(|| "format=yuva444p|gbrap,premultiply=inplace=1".to_owned())
}

/// How colours get from the source to standard dynamic range.
struct Target<'a> {
    /// The matrix the source's samples are read with and the scaled ones written with, in the scaler's words.
    read: &'static str,
    write: &'static str,
    /// The proxy's tag for matrix, primaries and transfer.
    tag: &'static str,
    full_range: bool,
    /// What is left to do after scaling.
    then: Then<'a>,
}

enum Then<'a> {
    Nothing,
    /// Wide primaries in standard dynamic range.
    Narrow,
    /// High dynamic range, with this transfer.
    ToneMap(&'a str),
}

impl<'a> Target<'a> {
    /// BT.601 stays BT.601, since a conversion costs more than the scaling and loses precision.
    fn of(source: &'a Source) -> Self {
        let large =
            source.media.width.max(source.media.height) >= 1280 || source.media.width.min(source.media.height) >= 720;
        let target = |read, write, tag, then| Self { read, write, tag, full_range: source.colour.full_range, then };
        if let Some(transfer) = source.media.hdr_transfer.as_deref() {
            return target("bt2020", "bt2020", "bt709", Then::ToneMap(transfer));
        }
        match source.colour.matrix.as_deref() {
            Some("bt709") => target("bt709", "bt709", "bt709", Then::Nothing),
            Some("smpte170m" | "bt470bg") => target("bt601", "bt601", "smpte170m", Then::Nothing),
            Some("bt2020nc" | "bt2020c") => target("bt2020", "bt2020", "bt709", Then::Narrow),
            Some(_) => target("auto", "bt709", "bt709", Then::Nothing),
            None if large => target("bt709", "bt709", "bt709", Then::Nothing),
            None => target("bt601", "bt601", "smpte170m", Then::Nothing),
        }
    }

    /// Scales, and converts to limited-range samples of the tagged colours.
    fn convert(&self, width: u32, height: u32, method: &str) -> Vec<String> {
        let Self { read, write, .. } = self;
        // Where the header says nothing, the frames may.
        let range = if self.full_range { "in_range=pc:" } else { "" };
        let scale = format!(
            "scale={width}:{height}:flags={method}:in_color_matrix={read}:out_color_matrix={write}:\
             {range}out_range=tv"
        );
        // The deep format keeps dark gradients whole until they are mapped.
        let deep = "format=yuv420p10,zscale=min=bt2020nc:pin=bt2020:rin=tv";
        match self.then {
            Then::Nothing => vec![scale],
            Then::Narrow => vec![scale, format!("{deep}:tin=bt709:m=bt709:p=bt709:t=bt709:r=tv")],
            Then::ToneMap(transfer) => vec![
                scale,
                format!("{deep}:tin={transfer}:t=linear:npl={REFERENCE_WHITE},format=gbrpf32le,zscale=p=bt709"),
                format!("tonemap=mobius:param=0.3:peak={PEAK}:desat=0,zscale=t=bt709:m=bt709:r=tv"),
            ],
        }
    }
}

/// The proxy's size for a source's shown size: within the limits in either orientation, even, never larger.
pub fn proxy_size(width: u32, height: u32, settings: &ProxySettings) -> (u32, u32) {
    let (long, short) = (width.max(height).max(1), width.min(height).max(1));
    let share =
        (f64::from(settings.long_side) / f64::from(long)).min(f64::from(settings.short_side) / f64::from(short));
    let fit = |side: u32| {
        let side = if share < 1.0 { (f64::from(side) * share).round() as u32 } else { side };
        (side & !1).max(2)
    };
    (fit(width), fit(height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_proxy_fits_is_even_and_never_larger(width in 2u32..9000, height in 2u32..9000) {
            let (w, h) = proxy_size(width, height, &ProxySettings::default());
            prop_assert!(w % 2 == 0 && h % 2 == 0 && w >= 2 && h >= 2);
            prop_assert!(w <= width && h <= height);
            prop_assert!(w.max(h) <= 1280 && w.min(h) <= 720);
        }
    }

    #[test]
    fn usual_sizes_become_what_one_expects() {
        let size = |width, height| proxy_size(width, height, &ProxySettings::default());
        assert_eq!(size(1920, 1080), (1280, 720));
        assert_eq!(size(1080, 1920), (720, 1280));
        assert_eq!(size(321, 181), (320, 180));
        assert_eq!(size(720, 576), (720, 576));
    }
}
