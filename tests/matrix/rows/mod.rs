//! All rows.

mod codecs;
mod containers;
mod damage;
mod shapes;
mod sound;
mod times;

use crate::row::Row;

/// The rows by their headings.
pub fn all() -> Vec<(&'static str, Vec<Row>)> {
    vec![
        ("Codecs", codecs::rows()),
        ("Containers", containers::rows()),
        ("Sizes and fields", shapes::rows()),
        ("Rates and times", times::rows()),
        ("Sound and other tracks", sound::rows()),
        ("Damage, and what is no video", damage::rows()),
    ]
}
