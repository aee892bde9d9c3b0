//! What a video is called: one line that can be read, whatever an address or a site says.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use url::Url;

/// As many as somebody may give a video's title by hand.
pub const MAX_TITLE_CHARS: usize = 200;
/// A name's end that is longer is no extension.
const MAX_EXTENSION_CHARS: usize = 5;

/// The text on one line, without what is not seen or turns the direction of what is, and cut where it is too long.
/// Empty where nothing is left.
pub fn tidy(text: &str) -> String {
    let clean: String = text.chars().map(|c| if is_plain(c) { c } else { ' ' }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TITLE_CHARS - 1) {
        Some((end, last)) if end + last.len_utf8() < line.len() => format!("{}…", line[..end].trim_end()),
        _ => line,
    }
}

/// What a video is called until its site has said its title: the host, and the last part of the path as people write
/// it. Behind a name of no file, the parameters say which video it is; behind a file's, they are mostly signatures.
///
/// A host's name stays in ASCII: its decoded form may look like another's.
pub fn of_url(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let last = url.path_segments().and_then(|mut segments| segments.rfind(|segment| !segment.is_empty()));
    let last = last.unwrap_or_default();
    let query = url.query().filter(|query| !query.is_empty() && !is_file(last));
    let path = if last.is_empty() { String::new() } else { format!("/{}", decoded(last)) };
    let query = query.map(|query| format!("?{}", decoded(query))).unwrap_or_default();
    tidy(&format!("{host}{path}{query}"))
}

/// As it was written where the bytes are no text.
fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8().map_or_else(|_| part.to_owned(), Cow::into_owned)
}

fn is_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty()
            && (1..=MAX_EXTENSION_CHARS).contains(&extension.len())
            && extension.chars().all(|c| c.is_ascii_alphanumeric())
    })
}

/// Neither a control character, nor one that turns the direction of text, nor one that no text should hold.
pub(crate) fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn title(url: &str) -> String {
        of_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_address_is_readable() {
        for (url, wanted) in [
            ("https://example.org/films/Across%20the%20bay.mp4", "example.org/Across the bay.mp4"),
            ("https://example.org/%E6%98%A0%E7%94%BB%2050%25.mkv?sig=abc", "example.org/映画 50%.mkv"),
            ("https://example.org/Ünïcode/", "example.org/Ünïcode"),
            ("https://example.org/a+b%2Bc", "example.org/a+b+c"),
            ("https://www.example.org/watch?v=1&list=%C3%A9", "www.example.org/watch?v=1&list=é"),
            ("https://example.org/?v=1", "example.org?v=1"),
            ("https://example.org", "example.org"),
            ("http://127.0.0.1:8080/a%2Fb.mp4", "127.0.0.1/a/b.mp4"),
            ("https://xn--pple-43d.com/a.mp4", "xn--pple-43d.com/a.mp4"),
        ] {
            assert_eq!(title(url), wanted, "{url}");
        }
    }

    #[test]
    fn what_is_no_text_stays_as_it_was_written() {
        for part in ["100%", "%zz.mp4", "%", "%F", "%FF%FEa.mp4", "%C3%28", "%ED%A0%80"] {
            assert_eq!(title(&format!("https://example.org/{part}")), format!("example.org/{part}"));
        }
    }

    #[test]
    fn nothing_unseen_or_turned_around_gets_in() {
        assert_eq!(title("https://example.org/a%E2%80%AEgpj.exe%00%0D%0Ab"), "example.org/a gpj.exe b");
        assert_eq!(tidy("\u{feff} A\tfilm \u{202e}\n of\u{0} two  lines "), "A film of two lines");
        assert_eq!(tidy("\u{202e}\u{0}"), "");
    }

    #[test]
    fn a_long_one_is_cut_and_says_so() {
        let most = "ü".repeat(MAX_TITLE_CHARS);
        assert_eq!(tidy(&most), most);
        let cut = tidy(&format!("{most}ü"));
        assert!(cut.ends_with("ü…") && cut.chars().count() == MAX_TITLE_CHARS, "{cut}");
    }

    proptest! {
        #[test]
        fn any_address_has_a_title_that_can_be_shown(path in ".{0,300}", query in ".{0,300}") {
            let mut url = Url::parse("https://example.org/").unwrap();
            url.set_path(&path);
            url.set_query(Some(&query));
            let title = of_url(&url);
            prop_assert!(title.starts_with("example.org") && title.chars().count() <= MAX_TITLE_CHARS);
            prop_assert!(title.chars().all(is_plain), "{:?}", title);
            prop_assert_eq!(tidy(&title), title);
        }
    }
}
