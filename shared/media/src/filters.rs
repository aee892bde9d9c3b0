//! Filter chains of ffmpeg: geometry, field order and colour. Pure.

use heaters_domain::{plan::Source, settings::ProxySettings, tiles};

/// Keeps each frame's time, and gives those that have none, or not a later one than the frame before, the
/// next possible: encoder and container refuse them otherwise.
pub(crate) const STAMPS_FILTER: &str = "setpts='if(isnan(PREV_OUTPTS),if(isnan(PTS),0,PTS),\
if(isnan(PTS),PREV_OUTPTS+if(gt(FR,0),max(1,round(1/(FR*TB))),1),max(PTS,PREV_OUTPTS+1)))'";

/// The proxy's filter chain.
pub fn picture(source: &Source, settings: &ProxySettings) -> String {
    let (width, height) = proxy_size(source.media.width, source.media.height, settings);
    let target = Target::of(source);
    let tag = target.tag;
    let mut filters = vec![STAMPS_FILTER.to_owned()];
    if source.media.interlaced {
        filters.push("yadif=mode=send_frame:parity=auto:deint=interlaced".to_owned());
    }
    filters.push(target.scale(width, height, "bicubic"));
    filters.extend(target.tone_map());
    filters.push(format!(
        "format=yuv420p,setsar=1,setparams=range=tv:color_primaries={tag}:color_trc={tag}:colorspace={tag}"
    ));
    filters.join(",")
}

/// The thumbnails' filter chain. They are not de-interlaced: that would mix neighbouring frames into them.
pub fn thumb(source: &Source) -> String {
    let target = Target::of(source);
    let mut filters = vec![STAMPS_FILTER.to_owned(), target.scale(64, 36, "area")];
    filters.extend(target.tone_map());
    filters.push("format=yuv420p".to_owned());
    filters.join(",")
}

/// The filter chain of storyboard tiles, which end as JPEG: full-range BT.601 by convention.
pub fn tile(source: &Source) -> String {
    let (width, height) = tiles::size(source.media.width, source.media.height);
    let target = Target::of(source);
    let mut filters = vec![target.scale(width, height, "area")];
    filters.extend(target.tone_map());
    let matrix = if target.tag == "bt709" { "bt709" } else { "bt601" };
    filters.push(format!("scale=in_color_matrix={matrix}:in_range=tv:out_color_matrix=bt601:out_range=pc"));
    filters.push("format=yuvj420p,setsar=1".to_owned());
    filters.join(",")
}

/// The proxy's tag for matrix, primaries and transfer, in ffmpeg's words.
pub fn colour_tag(source: &Source) -> &'static str {
    Target::of(source).tag
}

/// How colours get from the source to standard dynamic range.
struct Target<'a> {
    /// The matrix the source's samples are read with and the proxy's written with, in the scaler's words.
    read: &'static str,
    write: &'static str,
    /// The proxy's tag for matrix, primaries and transfer.
    tag: &'static str,
    hdr: Option<&'a str>,
}

impl<'a> Target<'a> {
    /// BT.601 stays BT.601, since a conversion costs more than the scaling and loses precision.
    fn of(source: &'a Source) -> Self {
        let hdr = source.media.hdr_transfer.as_deref();
        let large =
            source.media.width.max(source.media.height) >= 1280 || source.media.width.min(source.media.height) >= 720;
        let (read, write, tag) = match source.colour.matrix.as_deref() {
            Some("bt709") => ("bt709", "bt709", "bt709"),
            Some("smpte170m" | "bt470bg") => ("bt601", "bt601", "smpte170m"),
            Some(_) => ("auto", "bt709", "bt709"),
            None if large => ("bt709", "bt709", "bt709"),
            None => ("bt601", "bt601", "smpte170m"),
        };
        if hdr.is_some() {
            Self { read: "auto", write: "auto", tag: "bt709", hdr }
        } else {
            Self { read, write, tag, hdr }
        }
    }

    fn scale(&self, width: u32, height: u32, method: &str) -> String {
        if self.hdr.is_some() {
            return format!("scale={width}:{height}:flags={method}");
        }
        let Self { read, write, .. } = self;
        format!("scale={width}:{height}:flags={method}:in_color_matrix={read}:out_color_matrix={write}:out_range=tv")
    }

    fn tone_map(&self) -> Option<String> {
        let transfer = self.hdr?;
        Some(format!(
            "format=yuv420p10,zscale=tin={transfer}:min=bt2020nc:pin=bt2020:rin=tv:t=linear:npl=100,format=gbrpf32le,\
             zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
        ))
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
