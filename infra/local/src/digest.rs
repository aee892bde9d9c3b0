//! Content digests for names and for "did it change".

use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::Write;

/// The SHA-256 in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_sha_256() {
        assert!(super::hex(b"").starts_with("e3b0c44298fc1c14") && super::hex(b"").len() == 64);
    }
}
