//! HLS playlists. Whatever they name is asked for through the guard, by http and https alone.

use super::{Key, Segment};
use crate::fetch::{Client, FetchError, Wanted};
use m3u8_rs::{ByteRange, ExtTag, KeyMethod, MediaPlaylist, MediaSegment, Playlist};
use std::collections::BTreeMap;
use url::Url;

const MOST_PLAYLIST_BYTES: u64 = 16 << 20;

/// The segments of the playlist at a URL; of a master playlist, those of its best variant.
pub async fn load(client: &Client, url: &Url, headers: &BTreeMap<String, String>) -> Result<Vec<Segment>, FetchError> {
    let mut at = url.clone();
    // A master playlist names media playlists, and those name segments.
    for _ in 0..2 {
        let (base, body) = client.read(&at, headers, &Wanted::default(), MOST_PLAYLIST_BYTES).await?;
        match m3u8_rs::parse_playlist_res(&body) {
            Ok(Playlist::MediaPlaylist(media)) => return segments(&media, &base, &|url| client.check(url)),
            Ok(Playlist::MasterPlaylist(master)) => {
                let variants = master.variants.iter().filter(|variant| !variant.is_i_frame);
                let best = variants.max_by_key(|variant| variant.bandwidth).ok_or_else(unreadable)?;
                at = client.check(join(&base, &best.uri)?.as_str())?;
            }
            Err(_) => return Err(unreadable()),
        }
    }
    Err(unreadable())
}

fn unreadable() -> FetchError {
    FetchError::Playlist("The site's playlist of this video can't be read.".to_owned())
}

fn join(base: &Url, uri: &str) -> Result<Url, FetchError> {
    base.join(uri).map_err(|_| unreadable())
}

type Check<'a> = &'a dyn Fn(&str) -> Result<Url, FetchError>;

fn segments(playlist: &MediaPlaylist, base: &Url, check: Check<'_>) -> Result<Vec<Segment>, FetchError> {
    if !playlist.end_list {
        return Err(FetchError::Playlist("This is a live stream. Submit it when it has ended.".to_owned()));
    }
    let mut found: Vec<Segment> = Vec::new();
    let (mut key, mut map) = (None, None);
    let mut end = 0;
    for (number, segment) in playlist.segments.iter().enumerate() {
        let sequence = playlist.media_sequence + number as u64;
        if lifts_encryption(segment)? {
            key = None;
        }
        key = segment.key.as_ref().or(key);
        let key_of = |sequence| key.map_or(Ok(None), |key| key_of(key, base, sequence, check));
        if let Some(head) = segment.map.as_ref().filter(|head| map != Some(*head)) {
            map = Some(head);
            let url = check(join(base, &head.uri)?.as_str())?;
            let range = head.byte_range.as_ref().map(|range| bytes(range, 0));
            found.push(Segment { url, range, key: key_of(sequence)? });
        }
        let url = check(join(base, &segment.uri)?.as_str())?;
        let follows = if found.last().is_some_and(|last| last.url == url) { end } else { 0 };
        let range = segment.byte_range.as_ref().map(|range| bytes(range, follows));
        end = range.as_ref().map_or(0, |range| range.end);
        found.push(Segment { url, range, key: key_of(sequence)? });
    }
    Ok(found)
}

/// Whether encryption ends here. The library takes `METHOD=NONE` without a vector for no key at all.
fn lifts_encryption(segment: &MediaSegment) -> Result<bool, FetchError> {
    let mut tags = segment.unknown_tags.iter().filter(|tag| tag.tag == "X-KEY").peekable();
    let any = tags.peek().is_some();
    let known = |tag: &ExtTag| tag.rest.as_deref().is_some_and(|rest| rest.trim() == "METHOD=NONE");
    // Any other key that can't be read must not pass for none.
    if tags.all(known) { Ok(any) } else { Err(unreadable()) }
}

/// A range without a place follows the one before.
fn bytes(range: &ByteRange, follows: u64) -> std::ops::Range<u64> {
    let start = range.offset.unwrap_or(follows);
    start..start + range.length
}

fn key_of(key: &m3u8_rs::Key, base: &Url, sequence: u64, check: Check<'_>) -> Result<Option<Key>, FetchError> {
    let uri = match (&key.method, &key.uri) {
        (KeyMethod::None, _) => return Ok(None),
        (KeyMethod::AES128, Some(uri)) => uri,
        _ => return Err(FetchError::Playlist("This video is protected against copying.".to_owned())),
    };
    let given = match &key.iv {
        Some(iv) => {
            let digits = iv.trim_start_matches("0x").trim_start_matches("0X");
            u128::from_str_radix(digits, 16).map_err(|_| unreadable())?
        }
        None => sequence.into(),
    };
    Ok(Some(Key { url: check(join(base, uri)?.as_str())?, iv: given.to_be_bytes() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::Fault;
    use heaters_domain::egress::{Reach, check_url};

    fn read(text: &str) -> Result<Vec<Segment>, FetchError> {
        let Ok(Playlist::MediaPlaylist(media)) = m3u8_rs::parse_playlist_res(text.as_bytes()) else { panic!("{text}") };
        let check =
            |url: &str| check_url(url, &Reach::default()).map_err(|refusal| FetchError::Refused(refusal.to_string()));
        segments(&media, &"https://example.org/v/list.m3u8".parse().unwrap(), &check)
    }

    fn playlist(lines: &str, end: &str) -> String {
        format!("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:5\n{lines}\n{end}\n")
    }

    fn sentence(lines: &str) -> String {
        read(&playlist(lines, "#EXT-X-ENDLIST")).unwrap_err().sentence()
    }

    #[test]
    fn heads_ranges_and_keys_hold_until_they_change() {
        let lines = "#EXT-X-MAP:URI=\"head.mp4\",BYTERANGE=\"10@0\"\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=0x0f\n\
            #EXTINF:4,\n#EXT-X-BYTERANGE:100@10\na.m4s\n#EXTINF:4,\n#EXT-X-BYTERANGE:50\na.m4s\n\
            #EXT-X-KEY:METHOD=AES-128,URI=\"https://example.org/k2\"\n#EXTINF:4,\nb.m4s\n\
            #EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\nc.m4s";
        let found = read(&playlist(lines, "#EXT-X-ENDLIST")).unwrap();
        let place = |segment: &Segment| (segment.url.path().to_owned(), segment.range.clone());
        assert_eq!(place(&found[0]), ("/v/head.mp4".to_owned(), Some(0..10)));
        assert_eq!(place(&found[1]), ("/v/a.m4s".to_owned(), Some(10..110)));
        assert_eq!(place(&found[2]), ("/v/a.m4s".to_owned(), Some(110..160)));
        assert_eq!(found[2].key.as_ref().unwrap().iv[15], 15);
        let second = found[3].key.as_ref().unwrap();
        assert_eq!((second.url.path(), second.iv[15]), ("/k2", 7), "the sequence number is the vector");
        assert_eq!((place(&found[4]).0.as_str(), found[4].key.is_none(), found.len()), ("/v/c.m4s", true, 5));
    }

    #[test]
    fn whatever_is_named_but_web_addresses_is_refused() {
        for (lines, words) in [
            ("#EXTINF:4,\nfile:///etc/passwd", "not file"),
            ("#EXTINF:4,\nconcat:a|b", "not concat"),
            ("#EXTINF:4,\ndata:text/plain,hello", "not data"),
            ("#EXTINF:4,\ncrypto:/etc/passwd", "not crypto"),
            ("#EXTINF:4,\nhttp://169.254.169.254/latest/meta-data", "credentials"),
            ("#EXTINF:4,\nhttp://user:word@example.org/a.ts", "password"),
            ("#EXT-X-KEY:METHOD=AES-128,URI=\"file:///etc/shadow\"\n#EXTINF:4,\na.ts", "not file"),
            ("#EXT-X-KEY:METHOD=AES-128,URI=\"http://127.0.0.1/key\"\n#EXTINF:4,\na.ts", "this machine itself"),
            ("#EXT-X-MAP:URI=\"file:///etc/passwd\"\n#EXTINF:4,\na.m4s", "not file"),
            ("#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://key\"\n#EXTINF:4,\na.ts", "protected"),
        ] {
            let said = sentence(lines);
            assert!(said.contains(words) && said.ends_with('.'), "{lines}: {said}");
        }
        // Not a scheme, so that it is a name on the same server.
        let subfile = "#EXTINF:4,\nsubfile,,start,0,end,9,,:/etc/passwd";
        let found = read(&playlist(subfile, "#EXT-X-ENDLIST")).unwrap();
        assert_eq!(found[0].url.host_str(), Some("example.org"));
        let live = read(&playlist("#EXTINF:4,\na.ts", "")).unwrap_err();
        assert!(live.sentence().contains("live"));
    }
}
