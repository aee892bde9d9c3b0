//! What ffmpeg's framecrc muxer writes: a line for each packet or frame,
//! `stream, dts, pts, duration, size, checksum[, F=flags][, S=side data…]`.

use super::PassError;
use heaters_domain::Rational;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

/// How the muxer writes that there is no time stamp.
const NO_TIME: i64 = i64::MIN;
const KEY: u32 = 1;
const DISCARD: u32 = 4;

/// A packet as the demuxer gave it, or a frame as the decoder did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// In ticks of the time base that was asked for.
    pub pts: Option<i64>,
    pub dts: Option<i64>,
    pub duration: i64,
    /// In bytes.
    pub size: u64,
    pub key: bool,
    /// The container says that it is not shown.
    pub discard: bool,
    /// It may give no frame of its own, by what is in it: see [`super::hidden`].
    pub hidden: bool,
}

/// Reads a file of lines. Their times become ticks of `time_base`, and `shift` is added.
pub fn read(path: &Path, time_base: Rational, shift: i64) -> Result<Vec<Line>, PassError> {
    let failed = |source| PassError::File { path: path.to_owned(), source };
    let reader = BufReader::new(File::open(path).map_err(failed)?);
    let (mut lines, mut written) = (Vec::new(), time_base);
    for (number, text) in (1..).zip(reader.lines()) {
        let text = text.map_err(failed)?;
        if let Some(base) = text.strip_prefix("#tb 0: ") {
            written = rational(base).ok_or_else(|| PassError::Line { path: path.to_owned(), number })?;
        }
        if text.starts_with('#') || text.trim().is_empty() {
            continue;
        }
        let line = parse(&text).ok_or_else(|| PassError::Line { path: path.to_owned(), number })?;
        let to_ticks = |ticks| rescale(ticks, written, time_base);
        let shifted = |ticks| to_ticks(ticks).saturating_add(shift);
        lines.push(Line {
            pts: line.pts.map(shifted),
            dts: line.dts.map(shifted),
            duration: to_ticks(line.duration),
            ..line
        });
    }
    Ok(lines)
}

fn rational(text: &str) -> Option<Rational> {
    let (num, den) = text.trim().split_once('/')?;
    Rational::new(num.parse().ok()?, den.parse().ok()?)
}

/// Reads a line; its times are in ticks of what the file says. `None`: it is none.
pub fn parse(text: &str) -> Option<Line> {
    let mut fields = text.split(',').map(str::trim).skip(1);
    let mut time = || fields.next()?.parse().ok().map(|time: i64| (time != NO_TIME).then_some(time));
    let (dts, pts) = (time()?, time()?);
    let duration = fields.next()?.parse().ok()?;
    let size = fields.next()?.parse().ok()?;
    let flags = fields.find_map(|field| field.strip_prefix("F=0x"));
    // The muxer leaves the flags out where there is only the key flag.
    let flags = flags.map_or(Some(KEY), |digits| u32::from_str_radix(digits, 16).ok())?;
    Some(Line { pts, dts, duration, size, key: flags & KEY != 0, discard: flags & DISCARD != 0, hidden: false })
}

/// A time in ticks of one time base as ticks of another, rounded to the nearest.
fn rescale(ticks: i64, from: Rational, to: Rational) -> i64 {
    if from == to {
        return ticks;
    }
    let num = i128::from(ticks) * i128::from(from.num) * i128::from(to.den);
    let den = (i128::from(from.den) * i128::from(to.num)).max(1);
    let rounded = (2 * num + den).div_euclid(2 * den);
    i64::try_from(rounded).unwrap_or(if num < 0 { i64::MIN + 1 } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_its_flags() {
        let line = |text| parse(text).unwrap();
        let plain =
            Line { pts: Some(512), dts: Some(0), duration: 512, size: 9, key: true, discard: false, hidden: false };
        assert_eq!(line("0,  0,  512,  512,  9, 0x7d84bca4"), plain);
        assert_eq!(line("0,  0,  512,  512,  9, 0x7d84bca4, S=1,        8"), plain);
        assert_eq!(line("0,  0,  512,  512,  9, 0x7d84bca4, F=0x10"), Line { key: false, ..plain });
        assert_eq!(line("0,0,512,512,9,0x1,F=0x5,S=1,8"), Line { discard: true, ..plain });
        assert_eq!(line("0, -9223372036854775808, 512, 512, 9, 0x1").dts, None);
        assert_eq!(line("0, -5, -9223372036854775808, 1, 9, 0x1").pts, None);
        assert!(parse("0, 1, x, 2, 3, 0x4").is_none() && parse("0, 1").is_none());
    }

    #[test]
    fn times_become_ticks_of_the_time_base_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.crc");
        std::fs::write(&path, "#tb 0: 1/1200000\n0, 0, 96000, 48000, 1, 0x0\n").unwrap();
        let [line] = read(&path, Rational { num: 1, den: 25 }, 3).unwrap()[..] else { panic!("not one line") };
        assert_eq!((line.pts, line.duration), (Some(5), 1));
        std::fs::write(&path, "0, 0, 1, 1, 1, 0x0\nnonsense\n").unwrap();
        assert!(matches!(read(&path, Rational { num: 1, den: 25 }, 0), Err(PassError::Line { number: 2, .. })));
    }
}
