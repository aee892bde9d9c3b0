//! What Heaters means, apart from where it runs: ids, frames, states, cuts, the chunk plan, the
//! contracts between stages and the layout of object keys. Nothing here does I/O or is async.

pub mod clip;
pub mod contract;
pub mod cuts;
pub mod download;
pub mod egress;
pub mod failure;
pub mod frames;
pub mod ids;
pub mod index;
pub mod keys;
pub mod look;
pub mod plan;
pub mod queue;
pub mod review;
pub mod scenes;
pub mod settings;
pub mod stage;
pub mod storyboard;
pub mod thumbs;
pub mod tiles;
pub mod title;
pub mod uploads;
pub mod video;
pub mod waveform;

pub use clip::ClipState;
pub use failure::{ErrorClass, Failure, Fault, Told, causes};
pub use frames::{Frame, FrameRange, Rational};
pub use ids::{ClipId, VideoId};
pub use queue::{ClipFilters, ClipOrder};
pub use stage::{Outcome, Stage, StageReport, Subject};
pub use video::VideoState;

/// Declares a field-less enum whose variants have one snake_case name everywhere: in JSON, in SQL and
/// in the web app. `ALL` lists the variants, for the agreement tests.
///
/// The names are taken as `tt`: utoipa can't read a literal that a macro has already parsed as one.
macro_rules! named_enum {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$vmeta:meta])* $variant:ident => $text:tt),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    other => Err($crate::UnknownName { kind: stringify!($name), name: other.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use named_enum;

/// A name that none of an enum's variants carries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a {kind}")]
pub struct UnknownName {
    pub kind: &'static str,
    pub name: String,
}
