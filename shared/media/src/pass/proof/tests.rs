use super::*;

const STRICT: Rules = Rules {
    start: None,
    end: None,
    fields: false,
    packed: false,
    complaints: 0,
    timed: true,
    time_base: Rational { num: 1, den: 8 },
};

fn packet(pts: impl Into<Option<i64>>) -> Line {
    Line { pts: pts.into(), dts: None, duration: 1, size: 10, key: false, discard: false, hidden: false }
}

fn key(pts: impl Into<Option<i64>>) -> Line {
    Line { key: true, ..packet(pts) }
}

fn discarded(pts: i64) -> Line {
    Line { discard: true, ..packet(pts) }
}

/// In decoding order, with frames that are shown before others they follow.
fn source() -> Vec<Line> {
    vec![key(0), packet(3), packet(1), packet(2), key(4), packet(6), packet(5)]
}

#[test]
fn all_frames_of_a_chunk_prove_it() {
    let proof = prove(&source(), &[0, 1, 2, 3, 4, 5, 6], &STRICT).unwrap();
    assert_eq!(proof, Proof { keys: vec![true, false, false, false, true, false, false], undecodable: 0 });
    let second = Rules { start: Some(4), ..STRICT };
    assert_eq!(prove(&source(), &[4, 5, 6], &second).unwrap().keys, [true, false, false]);
    assert!(prove(&source(), &[0, 1, 2, 3], &Rules { end: Some(4), ..STRICT }).is_ok());
}

#[test]
fn a_lost_frame_is_named() {
    let error = prove(&source(), &[0, 1, 2, 3, 5, 6], &STRICT).unwrap_err();
    assert_eq!(error, ProofError::Missing { seconds: 0.5, missing: 1, packets: 7 });
    assert_eq!(
        error.sentence(),
        "The frame at 0.500 s was lost in decoding without a sign of damage, so the review copy was thrown away."
    );
    // At the end, and where frames outside the chunk are there.
    assert!(prove(&source(), &[0, 1, 2, 3, 4, 5], &STRICT).is_err());
    assert!(prove(&source(), &[5, 6], &Rules { start: Some(4), ..STRICT }).is_err());
}

#[test]
fn a_frame_of_no_packet_is_named() {
    let error = prove(&source()[..4], &[0, 1, 2, 3, 7], &STRICT).unwrap_err();
    assert_eq!(error, ProofError::Unexpected { frame: 4, seconds: 0.875 });
    // One frame at the place of another is no less wrong.
    assert!(prove(&[key(0), packet(2)], &[0, 1], &STRICT).is_err());
    assert!(prove(&[key(0), packet(3)], &[0, 2], &Rules { complaints: 1, ..STRICT }).is_err());
}

#[test]
fn damage_explains_lost_frames_and_they_are_counted() {
    let proof = prove(&source(), &[0, 3, 4], &Rules { complaints: 2, ..STRICT }).unwrap();
    assert_eq!((proof.undecodable, proof.keys), (4, vec![true, false, true]));
}

#[test]
fn discarded_and_empty_packets_need_no_frame() {
    let mut packets = vec![discarded(-1), key(0), packet(1), packet(2)];
    packets[2].size = 0;
    assert_eq!(prove(&packets, &[0, 2], &STRICT).unwrap().undecodable, 0);
    assert!(prove(&packets, &[0, 1, 2], &STRICT).is_ok());
}

#[test]
fn what_leads_the_first_key_frame_may_be_missing_and_is_counted() {
    let cut = [key(2), packet(0), packet(1), packet(3)];
    assert_eq!(prove(&cut, &[2, 3], &STRICT).unwrap().undecodable, 2);
    assert_eq!(prove(&cut, &[0, 1, 2, 3], &STRICT).unwrap().undecodable, 0);
    // Within a video the frames before are there.
    assert!(prove(&cut, &[2, 3], &Rules { start: Some(0), ..STRICT }).is_err());
    let no_keys = [packet(0), packet(1), packet(2)];
    assert_eq!(prove(&no_keys, &[1, 2], &STRICT).unwrap().undecodable, 1);
}

#[test]
fn one_complaint_explains_what_is_lost_up_to_the_next_key_frame() {
    let mut packets = source();
    packets.extend([key(8), packet(9), key(10), packet(11)]);
    let complaints = |complaints| Rules { complaints, ..STRICT };
    // Within one stretch, in two, in three.
    assert_eq!(prove(&packets, &[0, 1, 2, 3, 4, 8, 9, 10, 11], &complaints(1)).unwrap().undecodable, 2);
    let in_two = [0, 1, 2, 4, 5, 6, 8, 10, 11];
    assert!(matches!(prove(&packets, &in_two, &complaints(1)), Err(ProofError::Missing { missing: 2, .. })));
    assert_eq!(prove(&packets, &in_two, &complaints(2)).unwrap().undecodable, 2);
    assert!(prove(&packets, &[0, 1, 2, 4, 6, 9, 10], &complaints(2)).is_err());
    // Counted where there are no times: the longest stretch has four packets.
    let untimed: Vec<_> = packets.iter().map(|packet| Line { pts: None, ..*packet }).collect();
    assert!(prove(&untimed, &[0, 1, 2, 3, 4, 5, 6], &complaints(1)).is_ok());
    assert!(prove(&untimed, &[0, 1, 2, 3, 4, 5], &complaints(1)).is_err());
}

#[test]
fn a_hidden_picture_may_have_no_frame_and_no_other_packet_may() {
    let hidden = |pts: i64| Line { hidden: true, ..packet(pts) };
    let packets = [key(0), packet(1), hidden(2), packet(3), hidden(4), packet(5)];
    assert_eq!(prove(&packets, &[0, 1, 3, 5], &STRICT).unwrap().undecodable, 0);
    assert_eq!(prove(&packets, &[0, 1, 2, 3, 4, 5], &STRICT).unwrap().undecodable, 0);
    assert!(prove(&packets, &[0, 3, 5], &STRICT).is_err());
    let untimed: Vec<_> = packets.iter().map(|packet| Line { pts: None, ..*packet }).collect();
    assert!(prove(&untimed, &[0, 1, 2, 3], &STRICT).is_ok() && prove(&untimed, &[0, 1, 2], &STRICT).is_err());
}

#[test]
fn packed_pictures_may_change_times_but_not_their_number() {
    let packed = Rules { packed: true, ..STRICT };
    let packets = [key(0), packet(2), Line { hidden: true, ..packet(4) }, packet(6)];
    assert!(prove(&packets, &[0, 2, 3, 6], &packed).is_ok());
    assert!(prove(&packets, &[0, 2, 3, 6], &STRICT).is_err());
    assert!(prove(&packets, &[0, 6], &packed).is_err());
    assert!(prove(&packets, &[0, 1, 2, 3, 6], &packed).is_err());
}

#[test]
fn a_second_field_has_no_frame_of_its_own_and_a_lost_frame_is_none() {
    let fields = Rules { fields: true, ..STRICT };
    let pairs: Vec<_> = (0..12).map(|pts| if pts == 0 { key(pts) } else { packet(pts) }).collect();
    assert_eq!(prove(&pairs, &[0, 2, 4, 6, 8, 10], &fields).unwrap().undecodable, 0);
    assert!(prove(&pairs, &[0, 2, 4, 6, 8, 10], &STRICT).is_err());
    // Both fields of one are lost.
    assert!(prove(&pairs, &[0, 2, 6, 8, 10], &fields).is_err());
    // Where both fields lie in one packet, each has its frame.
    let frames: Vec<_> = (0..6).map(|pts| if pts == 0 { key(0) } else { packet(2 * pts) }).collect();
    assert!(prove(&frames, &[0, 2, 6, 8, 10], &fields).is_err());
}

#[test]
fn without_times_frames_are_counted() {
    let packets = [key(None), packet(None), packet(2)];
    assert_eq!(prove(&packets, &[0, 1, 2], &STRICT).unwrap().keys, [true, false, false]);
    assert_eq!(prove(&packets, &[0, 1], &STRICT), Err(ProofError::Uncounted { packets: 3, frames: 2 }));
    assert!(prove(&packets, &[0, 1, 2, 3], &Rules { complaints: 1, ..STRICT }).is_err());
    let lost = prove(&packets, &[0, 1], &Rules { complaints: 1, ..STRICT }).unwrap();
    assert_eq!(lost.undecodable, 1);
}

#[test]
fn repeated_times_are_counted_once_each() {
    let packets = [key(0), packet(1), packet(1), packet(2)];
    assert!(prove(&packets, &[0, 1, 2, 3], &STRICT).is_ok());
    assert!(prove(&packets, &[0, 1, 2], &STRICT).is_err());
}

#[test]
fn frames_are_in_order() {
    assert_eq!(prove(&source(), &[0, 2, 1], &STRICT), Err(ProofError::Order { frame: 2, seconds: 0.125 }));
    assert_eq!(prove(&source(), &[], &STRICT), Err(ProofError::NoFrame));
}

#[test]
fn times_that_are_guesses_are_not_held_against_frames() {
    let packets = [key(0), packet(1), packet(3), packet(4)];
    let bare = Rules { timed: false, ..STRICT };
    assert!(prove(&packets, &[0, 1, 2, 3], &STRICT).is_err());
    assert!(prove(&packets, &[0, 1, 2, 3], &bare).is_ok());
    assert!(prove(&packets, &[0, 1, 2], &bare).is_err());
}

#[test]
fn frames_that_a_damaged_stream_gives_one_time_are_a_tick_apart() {
    let packets = [key(0), packet(4), packet(8), packet(12)];
    let damaged = Rules { complaints: 1, ..STRICT };
    assert!(prove(&packets, &[0, 4, 5, 12], &STRICT).is_err());
    assert_eq!(prove(&packets, &[0, 4, 5, 12], &damaged).unwrap().undecodable, 1);
    assert!(prove(&packets, &[0, 4, 6, 12], &damaged).is_err());
}

#[test]
fn where_packets_are_not_timed_keys_are_where_they_are_shown() {
    let at = |dts: i64, line: Line| Line { dts: Some(dts), ..line };
    let untimed = |dts: i64| at(dts, packet(None));
    let shown = |dts: i64| at(dts, packet(dts));
    // As AVI has it: I P B B I B P.
    let packets = [at(0, key(None)), untimed(1), shown(2), shown(3), at(4, key(None)), shown(5), untimed(6)];
    let proof = prove(&packets, &[1, 2, 3, 4, 5, 6, 7], &STRICT).unwrap();
    assert_eq!(proof.keys, [true, false, false, false, false, true, false]);
    // Times that this does not explain are left to the order of the packets.
    let proof = prove(&packets, &[0, 1, 2, 3, 4, 5, 6], &STRICT).unwrap();
    assert_eq!(proof.keys, [true, false, false, false, true, false, false]);
}
