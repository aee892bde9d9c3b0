//! Pictures made by a formula: cuts are found on their frame, and what only looks like one is not.

use heaters_domain::{
    scenes::{BoundaryKind, ScoreTrack, decide},
    settings::SceneSettings,
    thumbs::{CHROMA_BYTES, LUMA_WIDTH, Thumb, encode},
};
use heaters_vision::{VisionError, score};

/// A scene of smooth blobs, different for each seed, seen from a camera that has moved `pan` pixels.
fn scene(seed: u32, pan: f64) -> Thumb {
    let (a, b, c) = (f64::from(seed), f64::from(seed * 7 % 11), f64::from(seed * 5 % 13));
    let luma = |x: f64, y: f64| {
        let wave = (x * (0.21 + 0.03 * a) + b).sin() * (y * (0.35 + 0.02 * c) + a).cos()
            + (x * 0.11 - y * (0.4 - 0.02 * b) + c).sin();
        (126.0 + 45.0 * wave).clamp(16.0, 235.0) as u8
    };
    let luma = std::array::from_fn(|at| luma((at % LUMA_WIDTH) as f64 + pan, (at / LUMA_WIDTH) as f64));
    Thumb { luma, u: [110; CHROMA_BYTES], v: [140; CHROMA_BYTES] }
}

/// A slowly panning shot.
fn shot(seed: u32, frames: u32) -> Vec<Thumb> {
    (0..frames).map(|frame| scene(seed, 0.4 * f64::from(frame))).collect()
}

fn plain(luma: u8) -> Thumb {
    Thumb { luma: [luma; _], u: [128; CHROMA_BYTES], v: [128; CHROMA_BYTES] }
}

fn mixed(thumb: &Thumb, other: &Thumb, share: f64) -> Thumb {
    let mix = |a: u8, b: u8| (f64::from(a) * (1.0 - share) + f64::from(b) * share).round() as u8;
    Thumb { luma: std::array::from_fn(|at| mix(thumb.luma[at], other.luma[at])), ..thumb.clone() }
}

fn scores(thumbs: Vec<Thumb>) -> ScoreTrack {
    score(&encode(thumbs).unwrap()).unwrap()
}

fn found(thumbs: Vec<Thumb>) -> Vec<(u32, BoundaryKind)> {
    found_at(SceneSettings::default().sensitivity, thumbs)
}

/// Footage looks unlike these smooth pictures, so that the models are less sure of what they see.
const READILY: f64 = 0.8;

fn found_at(sensitivity: f64, thumbs: Vec<Thumb>) -> Vec<(u32, BoundaryKind)> {
    let settings = SceneSettings { sensitivity, ..SceneSettings::default() };
    let boundaries = decide(&scores(thumbs), &settings, 25.0);
    boundaries.iter().map(|boundary| (boundary.frame, boundary.kind)).collect()
}

#[test]
fn cuts_are_found_on_their_frame() {
    let thumbs = [shot(1, 40), shot(2, 25), shot(3, 8), shot(4, 50)].concat();
    assert_eq!(found_at(READILY, thumbs), [40, 65, 73].map(|frame| (frame, BoundaryKind::Cut)));
}

#[test]
fn cuts_to_a_plain_surface_and_from_it_are_found() {
    let still = |seed: u32, frames: usize| vec![place(seed); frames];
    let thumbs = [still(1, 40), vec![plain(120); 40], still(2, 40)].concat();
    assert_eq!(found_at(READILY, thumbs), [40, 80].map(|frame| (frame, BoundaryKind::Cut)));
}

#[test]
fn a_cut_between_surfaces_with_hardly_any_texture_is_found_by_their_colour() {
    let wall = Thumb { u: [150; CHROMA_BYTES], v: [104; CHROMA_BYTES], ..mixed(&scene(2, 0.0), &plain(118), 0.8) };
    let thumbs = [vec![plain(112); 40], vec![wall; 40]].concat();
    assert_eq!(found(thumbs), [(40, BoundaryKind::Cut)]);
}

#[test]
fn a_burst_of_light_over_fine_texture_is_no_cut() {
    let grain = |at: usize| (at as u32).wrapping_mul(2_654_435_761).wrapping_mul(2_246_822_519) >> 29;
    let wall = Thumb { luma: std::array::from_fn(|at| 70 + grain(at) as u8), ..plain(0) };
    let glow = |at: usize| {
        let (x, y) = ((at % LUMA_WIDTH) as f64 / 64.0 - 0.4, (at / LUMA_WIDTH) as f64 / 36.0 - 0.6);
        0.35 + (-6.0 * (x * x + y * y)).exp()
    };
    let burst = |frame: u32| {
        let strength = (1.0 - f64::from(frame.saturating_sub(40)) / 16.0).max(0.0).powf(1.5);
        let share = |at: usize| if frame < 40 { 0.0 } else { (strength * glow(at)).min(1.0) };
        let mix = |from: u8, to: f64, share: f64| (f64::from(from) * (1.0 - share) + to * share).round() as u8;
        let chroma = |to: f64| std::array::from_fn(|at| mix(128, to, share((at / 16 * 4 * LUMA_WIDTH) + at % 16 * 4)));
        Thumb {
            luma: std::array::from_fn(|at| mix(wall.luma[at], 205.0, share(at))),
            u: chroma(40.0),
            v: chroma(160.0),
        }
    };
    assert_eq!(found((0..100).map(burst).collect()), []);
}

#[test]
fn a_flash_and_a_picture_that_comes_back_are_no_cuts() {
    let mut thumbs = shot(1, 90);
    thumbs[30] = mixed(&thumbs[30], &plain(235), 0.9);
    thumbs[31] = plain(235);
    for thumb in &mut thumbs[60..66] {
        *thumb = scene(5, 0.0);
    }
    assert_eq!(found(thumbs), []);
}

#[test]
fn a_whip_pan_is_no_cut() {
    let mut pan = 0.0;
    let thumbs = (0..90).map(|frame: i32| {
        // The camera sweeps past its goal and comes back, as an operator's does.
        pan += if (40..44).contains(&frame) {
            9.0
        } else if (44..48).contains(&frame) {
            -8.0
        } else {
            0.2
        };
        scene(2, pan)
    });
    assert_eq!(found(thumbs.collect()), []);
}

#[test]
fn a_change_of_light_is_no_cut() {
    let mut thumbs = shot(3, 80);
    for thumb in &mut thumbs[40..] {
        *thumb = mixed(thumb, &plain(16), 0.6);
    }
    assert_eq!(found(thumbs), []);
}

#[test]
fn a_fade_through_black_is_found_in_its_middle() {
    let mut thumbs = [shot(1, 40), shot(2, 40)].concat();
    for (frame, thumb) in thumbs.iter_mut().enumerate().take(52).skip(28) {
        let distance = f64::from((frame as i32 - 40).abs());
        *thumb = mixed(thumb, &plain(16), 1.0 - (distance - 3.0).max(0.0) / 9.0);
    }
    let found = found(thumbs);
    assert!(matches!(found[..], [(38..=42, BoundaryKind::FadeBlack)]), "{found:?}");
}

/// A place with edges and surfaces of several sizes, as a camera that stands still sees it.
fn place(seed: u32) -> Thumb {
    let surface = |x: usize, y: usize, size: usize| {
        let (column, row) = ((x / size) as u32, (y / size) as u32);
        let number = (column * 73_856_093) ^ (row * 19_349_663) ^ (seed * 83_492_791) ^ size as u32;
        f64::from(number.wrapping_mul(2_654_435_761) >> 24) - 128.0
    };
    let luma = |at: usize| {
        let (x, y) = (at % LUMA_WIDTH, at / LUMA_WIDTH);
        let light = 0.35 * surface(x, y, 16) + 0.25 * surface(x + 3, y + 5, 7) + 0.15 * surface(x, y, 3);
        (120.0 + light).clamp(16.0, 235.0) as u8
    };
    Thumb { luma: std::array::from_fn(luma), ..plain(0) }
}

/// Two shots, and between them `length` frames that `mix` makes of the frames of both and the share done.
fn transition(length: usize, mix: impl Fn(&Thumb, &Thumb, f64) -> Thumb) -> Vec<Thumb> {
    let (one, other) = (vec![place(1); 60], vec![place(2); 60]);
    let (before, leaving) = one.split_at(60 - length);
    let (coming, after) = other.split_at(length);
    let share = |at: usize| (at + 1) as f64 / (length + 1) as f64;
    let mixed = leaving.iter().zip(coming).enumerate().map(|(at, (one, other))| mix(one, other, share(at)));
    [before.to_vec(), mixed.collect(), after.to_vec()].concat()
}

#[test]
fn gradual_transitions_are_found_in_their_middle_with_their_kind() {
    let columns = |one: &Thumb, other: &Thumb, luma: &dyn Fn(usize) -> (bool, usize)| Thumb {
        luma: std::array::from_fn(|at| {
            let (x, row) = (at % LUMA_WIDTH, at - at % LUMA_WIDTH);
            let (from_other, x) = luma(x);
            if from_other { other.luma[row + x] } else { one.luma[row + x] }
        }),
        ..one.clone()
    };
    let moved = |share: f64| (share * LUMA_WIDTH as f64).round() as usize;
    let wiped = |one: &Thumb, other: &Thumb, share: f64| columns(one, other, &|x| (x < moved(share), x));
    let slid = |one: &Thumb, other: &Thumb, share: f64| {
        let rest = LUMA_WIDTH - moved(share);
        columns(one, other, &|x| if x < rest { (false, x + moved(share)) } else { (true, x - rest) })
    };
    let slides = (10, vec![(BoundaryKind::Slide, transition(10, slid))]);
    let dissolves = [10, 16, 24].map(|length| (length, vec![(BoundaryKind::Dissolve, transition(length, mixed))]));
    let all_wipes = [10, 16, 24].map(|length| (length, vec![(BoundaryKind::Wipe, transition(length, wiped))]));
    for (length, videos) in dissolves.into_iter().chain(all_wipes).chain([slides]) {
        let middle = 60 - length as i64 / 2;
        for (kind, video) in videos {
            let found = found_at(1.0, video);
            let is_right = matches!(found[..], [(frame, of)] if of == kind && (i64::from(frame) - middle).abs() <= length as i64 / 4);
            assert!(is_right, "{kind} of {length} frames around {middle}: {found:?}");
        }
    }
}

#[test]
fn black_bars_do_not_hide_a_cut() {
    let mut thumbs = [shot(1, 40), shot(2, 40)].concat();
    for thumb in &mut thumbs {
        thumb.luma[..9 * LUMA_WIDTH].fill(16);
        thumb.luma[27 * LUMA_WIDTH..].fill(16);
    }
    assert_eq!((scores(thumbs.clone()).area.top, scores(thumbs.clone()).area.height), (10, 16));
    assert_eq!(found(thumbs), [(40, BoundaryKind::Cut)]);
}

#[test]
fn scores_survive_storage_and_stay_small() {
    let track = scores([shot(1, 40), shot(2, 25)].concat());
    let bytes = track.encode().unwrap();
    assert!(bytes.len() <= 64 * track.frames.len());
    let stored = ScoreTrack::decode(&bytes).unwrap();
    let settings = SceneSettings::default();
    let frames = |track: &ScoreTrack| -> Vec<u32> { decide(track, &settings, 25.0).iter().map(|b| b.frame).collect() };
    assert_eq!(frames(&stored), frames(&track));
}

#[test]
fn an_empty_or_damaged_track_is_an_error() {
    assert!(matches!(score(&encode([]).unwrap()), Err(VisionError::NoFrames)));
    assert!(matches!(score(b"HXTH"), Err(VisionError::Thumbs(_))));
    let track = encode(shot(1, 30)).unwrap();
    assert!(matches!(score(&track[..track.len() - 40]), Err(VisionError::Thumbs(_))));
}
