use aws_lc_rs::{
    cipher::{AES_128, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey},
    iv::FixedLength,
};

/// Decrypts AES-128 in CBC mode with PKCS #7 padding, as HLS has it. `None` where the key does not fit.
pub(super) fn decrypt(key: &[u8], iv: [u8; 16], mut body: Vec<u8>) -> Option<Vec<u8>> {
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, key).ok()?).ok()?;
    let length = key.decrypt(&mut body, DecryptionContext::Iv128(FixedLength::from(iv))).ok()?.len();
    body.truncate(length);
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::cipher::{EncryptionContext, PaddedBlockEncryptingKey};

    #[test]
    fn what_was_encrypted_comes_back_and_only_with_its_key() {
        let (secret, iv) = ([7; 16], [9; 16]);
        let mut body = b"a segment of some length".to_vec();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(&AES_128, &secret).unwrap()).unwrap();
        key.less_safe_encrypt(&mut body, EncryptionContext::Iv128(FixedLength::from(iv))).unwrap();
        assert_eq!(decrypt(&secret, iv, body.clone()).unwrap(), b"a segment of some length");
        assert_ne!(decrypt(&[8; 16], iv, body.clone()).unwrap_or_default(), b"a segment of some length");
        assert_eq!(decrypt(&secret[..9], iv, body.clone()), None);
        assert_eq!(decrypt(&secret, iv, body[..7].to_vec()), None);
    }
}
