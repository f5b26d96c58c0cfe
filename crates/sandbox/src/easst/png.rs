//! Just enough PNG for a picture that carries a text.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The keyword of the text.
const KEYWORD: &[u8] = b"invoices\0";
/// Not compressed, no language, no translated keyword.
const PLAIN: &[u8] = &[0, 0, 0, 0];
/// One white pixel: a zlib stream with one stored block.
const PIXEL: &[u8] =
    &[0x78, 0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0xff, 0x01, 0x01, 0x01, 0x00];

/// A picture of one pixel with a text beside it.
pub(super) fn one_pixel(text: &str) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    // Width 1, height 1, eight bits of grey.
    chunk(&mut file, b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    chunk(&mut file, b"iTXt", &[KEYWORD, PLAIN, text.as_bytes()].concat());
    chunk(&mut file, b"IDAT", PIXEL);
    chunk(&mut file, b"IEND", &[]);
    file
}

pub(super) fn is_png(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The text, if it is there and undamaged.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let named = after.get(..length.checked_add(4)?)?;
        let (sum, after) = after.get(named.len()..)?.split_first_chunk::<4>()?;
        if let Some(text) = named.strip_prefix(b"iTXt").and_then(|data| data.strip_prefix(KEYWORD))
            && u32::from_be_bytes(*sum) == checksum(named)
        {
            return String::from_utf8(text.strip_prefix(PLAIN)?.to_vec()).ok();
        }
        rest = after;
    }
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let named = [name.as_slice(), data].concat();
    file.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    file.extend(&named);
    file.extend(checksum(&named).to_be_bytes());
}

/// CRC-32 as PNG computes it.
fn checksum(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & 0_u32.wrapping_sub(sum & 1))
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(super::checksum(b"123456789"), 0xcbf4_3926);
        assert_eq!(super::checksum(b"IEND"), 0xae42_6082);
    }
}
