//! Digests that sign calls.

use md5::Digest;

/// Lower-case hex of the digest of the texts in a row.
pub(crate) fn hex_digest<D: Digest>(texts: &[&str]) -> String {
    let mut digest = D::new();
    for text in texts {
        digest.update(text.as_bytes());
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_as_the_standards_say() {
        assert_eq!(hex_digest::<md5::Md5>(&["a", "bc"]), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(
            hex_digest::<sm3::Sm3>(&["a", "bc"]),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }
}
