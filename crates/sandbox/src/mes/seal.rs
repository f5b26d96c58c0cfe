//! The encryption of events: AES-256 in ECB mode under the SHA-256 of the callback content key
//! (回调内容密钥), PKCS#7 padding, Base64.

use aes::Aes256;
use aes::cipher::{Block, BlockCipherEncrypt as _, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

const BLOCK: usize = 16;

pub(super) fn seal(plaintext: &str, key: &str) -> String {
    let cipher = Aes256::new(&Sha256::digest(key.as_bytes()));
    let mut data = plaintext.as_bytes().to_vec();
    let pad = BLOCK - data.len() % BLOCK;
    data.resize(data.len() + pad, u8::try_from(pad).unwrap_or_default());
    for chunk in data.chunks_exact_mut(BLOCK) {
        if let Ok(block) = <&mut Block<Aes256>>::try_from(chunk) {
            cipher.encrypt_block(block);
        }
    }
    STANDARD.encode(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both made with another implementation of the same algorithms.
    #[test]
    fn vectors_are_met() {
        let check = r#"{"header":{"eventType":"check","requestId":"r-1"},"data":"hello"}"#;
        assert_eq!(
            seal(check, "demo-callback-key"),
            "GbNWuZw5jRZjFW0u2P0Vr7wZxEFqLZMpII6y47yzel3MeXhkK3oqjl4l/d5gSJ1iAW1G3Jb5TnWctsyEneU3Ul\
             u34SFFIKYnvrWA12B5JRs="
        );
        let feeding = "{\"header\":{\"eventType\":\"mfg.result_notify.feeding\",\
            \"requestId\":\"r-2\"},\"data\":{\"recordIds\":[1234567890123456],\"result\":true,\
            \"reason\":null,\"recordList\":[]}}";
        assert_eq!(
            seal(feeding, "demo-callback-key"),
            "GbNWuZw5jRZjFW0u2P0Vr3AgwxvNbSY0tGNegHDsr4k62IenUv7f9a4E87QTLeG+mZ/jyEQGgitq8R4AI5lmAj\
             +PeNN7TbGlMSb4Ke8FeX/dn9D+epxT3E6qeE3vElm73tNNp3/zEDOrN4l9a4jrSh0ohfH+UP28irUgMtrezyEn\
             X2H9H27wZSua5Nl8u30hJ1e34beJz10Gwq3UdSG8ww=="
        );
    }
}
