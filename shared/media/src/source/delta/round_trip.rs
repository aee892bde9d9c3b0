//! Files read by their deltas.

use super::*;
use crate::source::{Part, Ranged, read_exact};
use futures::executor::block_on;
use proptest::prelude::*;
use std::convert::Infallible;

/// A packet: of which stream, behind how long a header, in pieces of what size, with which bytes.
type Packet = (bool, usize, usize, Vec<u8>);

fn packet() -> impl Strategy<Value = Packet> {
    // Silence and noise.
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..3000),
        (0usize..3000, any::<u8>()).prop_map(|(bytes, byte)| vec![byte; bytes]),
    ];
    (any::<bool>(), 0usize..40, 100usize..2500, bytes)
}

/// A container with pieces of packets behind headers; and a file with some packets of one stream, then of the other,
/// behind headers of its own, again and again.
fn container(packets: &[Packet], fragment: usize) -> (Vec<u8>, Vec<u8>) {
    let (mut source, mut file) = (Vec::new(), Vec::new());
    for packets in packets.chunks(fragment) {
        for (_, header, piece, bytes) in packets {
            for (number, piece) in bytes.chunks(*piece).enumerate() {
                source.extend((0..*header).map(|at| (at * 7 + number) as u8));
                source.extend_from_slice(piece);
            }
        }
        for stream in [false, true] {
            file.extend_from_slice(b"moof and all that");
            packets.iter().filter(|packet| packet.0 == stream).for_each(|packet| file.extend_from_slice(&packet.3));
        }
    }
    (source, file)
}

/// The file's delta, made while the source is ahead of it by some bytes. Each piece may be a fragment.
fn delta_of(source: &[u8], file: &[u8], ahead: usize, step: usize, fragments: bool) -> Vec<u8> {
    let (mut delta, mut window) = (Vec::new(), Window::new(&[Part::Source(0..source.len() as u64)]));
    let mut maker = Maker::new(|piece: &[u8]| {
        delta.extend_from_slice(piece);
        Ok(())
    });
    let mut seen = 0;
    for (number, piece) in file.chunks(step).enumerate() {
        let until = (number * step + ahead).min(source.len()).max(seen);
        window.push(&source[seen..until]);
        seen = until;
        if fragments {
            maker.begin_fragment(&mut window);
        }
        maker.push(piece, &window).unwrap();
    }
    let bytes = maker.finish().unwrap();
    assert_eq!(bytes, delta.len() as u64);
    delta
}

fn object(bytes: &[u8]) -> impl ReadAt<Error = Infallible> + '_ {
    Ranged::new(bytes.len() as u64, move |range: Range<u64>| {
        std::future::ready(Ok::<_, Infallible>(bytes[range.start as usize..range.end as usize].to_vec()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_file_is_read_as_it_was(
        packets in prop::collection::vec(packet(), 0..60), fragment in 1usize..20, ahead in 0usize..100_000,
        step in 1usize..5000, fragments in any::<bool>(), cuts in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 1..20),
    ) {
        let (source, file) = container(&packets, fragment);
        let delta = delta_of(&source, &file, ahead, step, fragments);
        let (source, delta) = (object(&source), object(&delta));
        let rebuilt = block_on(Rebuilt::open(&source, &delta)).unwrap();
        let size = file.len() as u64;
        prop_assert_eq!(rebuilt.size(), size);
        prop_assert!(block_on(read_exact(&rebuilt, 0..size)).unwrap() == file);
        for (one, other) in cuts {
            let at = |share: f64| (share * (size + 1) as f64) as u64;
            let (from, to) = (at(one.min(other)).min(size), at(one.max(other)));
            let part = &file[from as usize..to.min(size) as usize];
            prop_assert!(block_on(rebuilt.read_at(from..to)).unwrap() == part);
        }
    }
}

pub(super) fn noise(bytes: usize) -> Vec<u8> {
    let mut seed = 9u64;
    let next = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 56) as u8
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// Packs of 2 KiB, as in an MPEG programme stream: four of ten with sound.
#[test]
fn of_packets_in_pieces_little_is_stored_and_each_is_read_once() {
    let packets: Vec<Packet> =
        noise(24 << 20).chunks(2028).enumerate().map(|(at, bytes)| (at % 5 > 2, 20, 2028, bytes.to_vec())).collect();
    let (source, file) = container(&packets, 500);
    let delta = delta_of(&source, &file, 4 << 20, 64 << 10, false);
    let share = delta.len() as f64 / file.len() as f64;
    assert!(share < 0.005, "{share}");
    let read = how_often_read(&source, &delta);
    assert!((0.9..1.15).contains(&read), "{read}");
}

/// How often the source is read, where the file is read from its beginning to its end.
fn how_often_read(source: &[u8], delta: &[u8]) -> f64 {
    let (source, delta) = (object(source), object(delta));
    let rebuilt = block_on(Rebuilt::open(&source, &delta)).unwrap();
    for at in (0..rebuilt.size()).step_by(3 << 20) {
        block_on(rebuilt.read_at(at..at + (3 << 20))).unwrap();
    }
    rebuilt.read_bytes() as f64 / source.size() as f64
}

/// A film that begins again and again; the file's fragments are of the size of the pieces.
#[test]
fn what_is_repeated_is_read_from_where_it_is_repeated() {
    let minute = noise(36 << 20);
    let packet = |(at, bytes): (usize, &[u8])| (at % 5 > 2, 20, 2028, bytes.to_vec());
    let packets: Vec<Packet> = minute.repeat(3).chunks(2028).enumerate().map(packet).collect();
    let (source, file) = container(&packets, 500);
    let fragment = 500 * 2028 + 2 * b"moof and all that".len();
    let read = how_often_read(&source, &delta_of(&source, &file, 4 << 20, fragment, true));
    assert!((0.9..1.15).contains(&read), "{read}");
}

#[test]
fn what_is_not_in_the_source_is_stored() {
    let (source, file) = (vec![7; 1 << 20], noise(9 << 20));
    let delta = delta_of(&source, &file, 1 << 20, 64 << 10, false);
    assert!(delta.len() < file.len() * 101 / 100);
    let (source, delta) = (object(&source), object(&delta));
    let rebuilt = block_on(Rebuilt::open(&source, &delta)).unwrap();
    assert!(block_on(rebuilt.read_at(0..10 << 20)).unwrap() == file);
}

/// As in the container that the bytes of a large packet are in as they are.
#[test]
fn what_is_there_in_one_piece_is_one_piece() {
    let source = noise(20 << 20);
    let file = &source[1000..];
    let delta = delta_of(&source, file, 2 << 20, 1 << 20, true);
    assert!(delta.len() < 300, "{}", delta.len());
    let (source, delta) = (object(&source), object(&delta));
    let rebuilt = block_on(Rebuilt::open(&source, &delta)).unwrap();
    assert!(block_on(rebuilt.read_at(5_000_000..19 << 20)).unwrap() == file[5_000_000..19 << 20]);
}

#[test]
fn a_damaged_or_changed_delta_is_an_error_and_no_other_bytes() {
    let packets: Vec<Packet> = noise(100_000).chunks(700).map(|bytes| (false, 9, 300, bytes.to_vec())).collect();
    let (source, file) = container(&packets, 10);
    let good = delta_of(&source, &file, 50_000, 1000, false);
    for at in [0, 50, good.len() - 8, good.len() - 20, good.len() - 30, good.len() - 40, good.len() - 50] {
        let mut delta = good.clone();
        delta[at] ^= 0x55;
        let (source, delta) = (object(&source), object(&delta));
        let read = block_on(async {
            let rebuilt = Rebuilt::open(&source, &delta).await?;
            read_exact(&rebuilt, 0..rebuilt.size()).await
        });
        assert!(!read.is_ok_and(|read| read == file), "byte {at}");
    }
}
