//! HLS and DASH: picture and sound apart, segments in order, keys and heads; and nothing that names other files.

use crate::{
    fixture::{Fixture, film, noise},
    server::{Server, file, plain, status},
};
use aws_lc_rs::{
    cipher::{AES_128, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey},
    iv::FixedLength,
};
use heaters_domain::contract::SourceRole;
use std::{collections::BTreeMap, sync::Arc};

const PLAYLIST: &str = "application/vnd.apple.mpegurl";

/// A server of files by their path; playlists by their ending.
async fn site(files: &[(&str, Vec<u8>)]) -> Server {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, body)| ((*path).to_owned(), body.clone())).collect();
    let files = Arc::new(files);
    Server::start(move |asked, _| match files.get(&asked.path) {
        None => status("404 Not Found"),
        Some(body) => match asked.path.rsplit_once('.') {
            Some((_, "m3u8")) => plain(body, PLAYLIST),
            Some((_, "mpd")) => plain(body, "application/dash+xml"),
            _ => file(body, "\"s\"", asked, None),
        },
    })
    .await
}

fn media(lines: &str) -> Vec<u8> {
    format!("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n{lines}\n#EXT-X-ENDLIST\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn hls_takes_the_best_picture_and_sound_apart() {
    let master = b"#EXTM3U\n\
        #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"en\",DEFAULT=YES,URI=\"sound.m3u8\"\n\
        #EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=320x180,CODECS=\"avc1.42e01e,mp4a.40.2\",AUDIO=\"a\"\nlow.m3u8\n\
        #EXT-X-STREAM-INF:BANDWIDTH=900000,RESOLUTION=1920x1080,CODECS=\"avc1.640028,mp4a.40.2\",AUDIO=\"a\"\nhigh.m3u8\n";
    let (head, one, two) = (film(500), noise(70_000), noise(40_000));
    let sound = noise(9000);
    let server = site(&[
        ("/v/master.m3u8", master.to_vec()),
        ("/v/high.m3u8", media("#EXT-X-MAP:URI=\"head.mp4\"\n#EXTINF:4,\n1.m4s\n#EXTINF:4,\n2.m4s")),
        (
            "/v/sound.m3u8",
            media("#EXTINF:4,\n#EXT-X-BYTERANGE:4000@0\ns.aac\n#EXTINF:4,\n#EXT-X-BYTERANGE:5000\ns.aac"),
        ),
        ("/v/head.mp4", head.clone()),
        ("/v/1.m4s", one.clone()),
        ("/v/2.m4s", two.clone()),
        ("/v/s.aac", sound.clone()),
    ])
    .await;
    let fixture = Fixture::new();
    let done = fixture.run(&server.url("/v/master.m3u8")).await.unwrap();
    let roles: Vec<SourceRole> = done.output.sources.iter().map(|source| source.role).collect();
    assert_eq!(roles, [SourceRole::Picture, SourceRole::Sound]);
    assert!(fixture.track(SourceRole::Picture).await == [head, one, two].concat());
    assert!(fixture.track(SourceRole::Sound).await == sound);
    assert!(done.output.facts.format.contains("1920x1080"), "{}", done.output.facts.format);
    assert!(server.asked_for("/v/low.m3u8").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_segments_are_decrypted_and_a_cut_one_is_read_again() {
    let (secret, clear) = ([3u8; 16], noise(50_000));
    let mut sealed = clear.clone();
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, &secret).unwrap()).unwrap();
    let vector = 0u128.to_be_bytes();
    key.less_safe_encrypt(&mut sealed, EncryptionContext::Iv128(FixedLength::from(vector))).unwrap();
    let tail = noise(60_000);
    let content = tail.clone();
    let list =
        media("#EXT-X-KEY:METHOD=AES-128,URI=\"key\"\n#EXTINF:4,\n1.ts\n#EXT-X-KEY:METHOD=NONE\n#EXTINF:4,\n2.ts");
    let server = Server::start(move |asked, before| match asked.path.as_str() {
        "/l.m3u8" => plain(&list, PLAYLIST),
        "/key" => file(&secret, "\"k\"", asked, None),
        "/1.ts" => file(&sealed, "\"1\"", asked, None),
        _ => file(&content, "\"2\"", asked, (before == 0).then_some(20_000)),
    })
    .await;
    let fixture = Fixture::new();
    let done = fixture.run(&server.url("/l.m3u8")).await.unwrap();
    assert!(fixture.track(SourceRole::Both).await == [clear, tail].concat());
    assert_eq!((done.metrics["tries"], server.asked_for("/key").len()), (1.0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn dash_segments_are_joined_and_stay_apart() {
    let mpd = br#"<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT8S" minBufferTime="PT2S"
  profiles="urn:mpeg:dash:profile:isoff-live:2011"><Period>
  <AdaptationSet contentType="video" mimeType="video/mp4"><SegmentTemplate timescale="1" duration="4" startNumber="1"
    initialization="$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s"/>
    <Representation id="low" bandwidth="100000" width="320" height="180" codecs="avc1.42e01e"/>
    <Representation id="high" bandwidth="900000" width="1280" height="720" codecs="avc1.640028"/></AdaptationSet>
  <AdaptationSet contentType="audio" mimeType="audio/mp4"><SegmentTemplate timescale="1" duration="4" startNumber="1"
    initialization="$RepresentationID$-init.mp4" media="$RepresentationID$-$Number$.m4s"/>
    <Representation id="en" bandwidth="64000" codecs="mp4a.40.2" audioSamplingRate="48000"/></AdaptationSet>
</Period></MPD>"#;
    let parts: Vec<Vec<u8>> = [300, 40_000, 30_000, 200, 8000, 7000].map(noise).into();
    let server = site(&[
        ("/d/list.mpd", mpd.to_vec()),
        ("/d/high-init.mp4", parts[0].clone()),
        ("/d/high-1.m4s", parts[1].clone()),
        ("/d/high-2.m4s", parts[2].clone()),
        ("/d/en-init.mp4", parts[3].clone()),
        ("/d/en-1.m4s", parts[4].clone()),
        ("/d/en-2.m4s", parts[5].clone()),
    ])
    .await;
    let fixture = Fixture::new();
    fixture.run(&server.url("/d/list.mpd")).await.unwrap();
    assert!(fixture.track(SourceRole::Picture).await == parts[..3].concat());
    assert!(fixture.track(SourceRole::Sound).await == parts[3..].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_that_name_files_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, noise(5000)).unwrap();
    let path = secret.display().to_string();
    let hls = |lines: &str| (format!("#EXTINF:4,\na.ts\n{lines}"), "/x.m3u8");
    let dash = |base: &str| {
        (
            format!(
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
                 mediaPresentationDuration=\"PT4S\"><Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" \
                 bandwidth=\"1\" width=\"2\" height=\"2\" codecs=\"avc1.42e01e\">{base}</Representation></AdaptationSet>\
                 </Period></MPD>"
            ),
            "/x.mpd",
        )
    };
    for (manifest, at) in [
        hls(&format!("#EXTINF:4,\nfile://{path}")),
        hls(&format!("#EXTINF:4,\nconcat:{path}|{path}")),
        hls(&format!("#EXTINF:4,\nsubfile,,start,0,end,99,,:{path}")),
        hls(&format!("#EXTINF:4,\ncrypto:{path}")),
        hls("#EXTINF:4,\ndata:video/mp2t;base64,AAAA"),
        hls(&format!("#EXT-X-KEY:METHOD=AES-128,URI=\"file://{path}\"\n#EXTINF:4,\na.ts")),
        hls(&format!("#EXT-X-MAP:URI=\"file://{path}\"\n#EXTINF:4,\na.ts")),
        hls("#EXTINF:4,\nhttp://169.254.169.254/latest"),
        dash(&format!("<BaseURL>file://{path}</BaseURL>")),
        dash(&format!("<SegmentList><SegmentURL media=\"file://{path}\"/></SegmentList>")),
        dash("<SegmentTemplate media=\"http://10.0.0.1/$Number$\" duration=\"4\" timescale=\"1\"/>"),
    ] {
        let body = if at == "/x.m3u8" { media(&manifest) } else { manifest.clone().into_bytes() };
        let server = site(&[(at, body), ("/a.ts", noise(100))]).await;
        let fixture = Fixture::new();
        fixture.sentence(&server.url(at)).await;
        let found = holds(fixture.folder.path(), &std::fs::read(&secret).unwrap());
        assert!(!found, "{manifest}");
    }
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        std::fs::read(&path).unwrap().windows(64).any(|window| window == &bytes[..64])
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_stream_is_refused() {
    let live = b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n".to_vec();
    let server = site(&[("/live.m3u8", live), ("/a.ts", noise(100))]).await;
    assert!(Fixture::new().sentence(&server.url("/live.m3u8")).await.contains("live"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_becomes_its_first_video_and_the_addresses_of_the_others() {
    let feed = |port: u16| {
        let item =
            |number| format!("<item><title>{number}</title><link>http://127.0.0.1:{port}/{number}.mp4</link></item>");
        let items = [1, 2, 3, 4].map(item).concat();
        format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>All</title>{items}</channel></rss>")
    };
    let port = Arc::new(std::sync::OnceLock::new());
    let known = port.clone();
    let server = Server::start(move |asked, _| match asked.path.as_str() {
        "/feed" => plain(feed(*known.get().unwrap()).as_bytes(), "application/rss+xml"),
        _ => file(&film(6000), "\"p\"", asked, None),
    })
    .await;
    port.set(server.address.port()).unwrap();
    let mut fixture = Fixture::new();
    fixture.settings.download.max_playlist = 3;
    let done = fixture.run(&server.url("/feed")).await.unwrap();
    assert_eq!(done.output.playlist, [server.url("/2.mp4"), server.url("/3.mp4")]);
    assert!(done.output.playlist_cut && done.output.complete);
    let mut nested = fixture.input(&server.url("/feed"));
    nested.ingest.video = heaters_domain::VideoId::generate();
    nested.ingest.url.as_mut().unwrap().in_playlist = true;
    let error = download::run(&*fixture.store, &fixture.settings, fixture.resolver.clone(), nested).await.unwrap_err();
    assert!(matches!(error, download::DownloadError::NestedPlaylist), "{error}");
}
