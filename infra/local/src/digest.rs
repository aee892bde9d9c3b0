//! Content digests for names and for "did it change".

use aws_lc_rs::digest::{SHA256, digest};

/// The SHA-256 in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_is_sha_256() {
        assert!(super::hex(b"").starts_with("e3b0c44298fc1c14") && super::hex(b"").len() == 64);
    }
}
