//! Uploads from a browser: the object's key, and the parts that the file goes up in.

use crate::title::is_plain;

/// S3's bounds: parts of at least this many bytes but the last, at most so many parts, of at most this size.
pub const MIN_PART_BYTES: u64 = 5 << 20;
pub const MAX_PARTS: u64 = 10_000;
pub const MAX_PART_BYTES: u64 = 5 << 30;

/// The aimed part: small enough to lose little with a broken connection, large enough for few requests.
const PART_BYTES: u64 = 16 << 20;

/// The largest file that can go up at all.
pub const MAX_BYTES: u64 = 5 << 40;

/// Bytes of a key in UTF-8; S3 takes 1024, and other places take it as the name of a file, which may have 255.
const MAX_KEY_BYTES: usize = 200;
/// An extension that is longer is none.
const MAX_EXTENSION_BYTES: usize = 12;

/// Each part's size but the last one's, and how many there are. `size_bytes` is 1 to [`MAX_BYTES`].
pub fn parts(size_bytes: u64) -> (u64, u32) {
    let least = size_bytes.div_ceil(MAX_PARTS).next_multiple_of(1 << 20);
    let part_bytes = PART_BYTES.max(least);
    (part_bytes, size_bytes.div_ceil(part_bytes).max(1) as u32)
}

/// The object's key of a file of that name: the name itself as far as that goes, since it becomes the video's
/// title. Folders, control characters and what would be lost at the ends are left out, and too long a name is cut
/// before its extension.
///
/// A key is its own key: what cutting and trimming make of it is looked at again until nothing changes.
pub fn key_of(name: &str) -> String {
    let mut key = tidied(name);
    loop {
        let again = tidied(&key);
        if again == key {
            return key;
        }
        key = again;
    }
}

/// Never longer than the name, once it is tidy, so that repeating it ends.
fn tidied(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let clean: String = name.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let words: Vec<&str> = clean.split(' ').filter(|word| !word.is_empty()).collect();
    let clean = words.join(" ");
    let clean = clean.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if clean.is_empty() {
        return "video".to_owned();
    }
    let (stem, extension) = match clean.rfind('.') {
        Some(dot) if dot > 0 && clean.len() - dot <= MAX_EXTENSION_BYTES => clean.split_at(dot),
        _ => (clean, ""),
    };
    let stem = cut(stem, MAX_KEY_BYTES - extension.len());
    format!("{}{extension}", stem.trim_end_matches(['.', ' ']))
}

/// The text's beginning of at most so many bytes, whole characters.
fn cut(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_stays_as_it_is_where_it_can() {
        for name in ["Ünïcode + spaces (v2).MOV", "映画 50%.mkv", "no extension", "a&b=c?d#e.mp4"] {
            assert_eq!(key_of(name), name);
        }
        assert_eq!(key_of("C:\\films\\a.mp4"), "a.mp4");
        assert_eq!(key_of("../../etc/passwd"), "passwd");
        assert_eq!(key_of(" .hidden\n\u{202e}gpj.exe. "), "hidden gpj.exe");
        assert_eq!(key_of("..."), "video");
        assert_eq!(key_of("folder/"), "folder");
        // Cut off, the tail is short enough for an extension, and the space before it goes.
        let key = key_of(&format!("{} .{}", "k".repeat(190), "e".repeat(20)));
        assert_eq!(
            (key.as_str(), key_of(&key)),
            (format!("{}.{}", "k".repeat(190), "e".repeat(8)).as_str(), key.clone())
        );
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let key = key_of(&format!("{}.mp4", "ü".repeat(300)));
        assert!(key.ends_with("üü.mp4") && key.len() <= MAX_KEY_BYTES);
    }

    proptest! {
        #[test]
        fn a_key_is_one_that_s3_takes_and_stays_the_same(name in "\\PC{0,400}|.{0,300}") {
            let key = key_of(&name);
            prop_assert!((1..=MAX_KEY_BYTES).contains(&key.len()));
            prop_assert!(!key.contains('/') && !key.chars().any(char::is_control));
            prop_assert_eq!(key_of(&key), key);
        }

        #[test]
        fn parts_hold_the_file_within_the_bounds(size in 1..=MAX_BYTES) {
            let (part_bytes, parts) = parts(size);
            prop_assert!((MIN_PART_BYTES..=MAX_PART_BYTES).contains(&part_bytes));
            prop_assert!(u64::from(parts) <= MAX_PARTS);
            prop_assert!(u64::from(parts) * part_bytes >= size && u64::from(parts - 1) * part_bytes < size);
        }
    }
}
