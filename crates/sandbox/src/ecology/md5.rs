//! The checksum that two of the services sign with.

use md5::{Digest as _, Md5};

/// Lower-case hexadecimal digits.
pub(super) fn hex(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_sample_is_met() {
        assert_eq!(super::hex("test123420220608110000"), "d29e7de6515107420188dcd92c4b6b9f");
    }
}
