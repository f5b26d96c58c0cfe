use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

/// A picture of an invoice (发票图片): the bytes of the file as they are. Cheap to clone.
///
/// The client makes the Base64 of it. `Debug` shows its kind and size, never its content.
///
/// ```
/// use easst_invoice::{Picture, PictureKind};
///
/// let picture = Picture::new(&b"\x89PNG\r\n\x1a\n..."[..]);
/// assert_eq!(picture.kind(), Some(PictureKind::Png));
/// assert_eq!(format!("{picture:?}"), "Picture { kind: Some(Png), bytes: 11 }");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Picture(Bytes);

/// What kind of file a picture is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureKind {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// BMP.
    Bmp,
    /// GIF.
    Gif,
    /// TIFF.
    Tiff,
    /// WebP.
    WebP,
    /// PDF. The guide's form takes PDF files; whether every site's account may send them is not
    /// documented.
    Pdf,
}

impl Picture {
    /// The bytes of a file.
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What kind of file it is; `None` if its first bytes are those of no known kind.
    #[must_use]
    pub fn kind(&self) -> Option<PictureKind> {
        let starts = |start: &[u8]| self.0.starts_with(start);
        if starts(b"\x89PNG\r\n\x1a\n") {
            Some(PictureKind::Png)
        } else if starts(b"\xff\xd8\xff") {
            Some(PictureKind::Jpeg)
        } else if starts(b"BM") {
            Some(PictureKind::Bmp)
        } else if starts(b"GIF8") {
            Some(PictureKind::Gif)
        } else if starts(b"II*\0") || starts(b"MM\0*") {
            Some(PictureKind::Tiff)
        } else if starts(b"RIFF") && self.0.get(8..12) == Some(b"WEBP") {
            Some(PictureKind::WebP)
        } else if starts(b"%PDF-") {
            Some(PictureKind::Pdf)
        } else {
            None
        }
    }

    /// Base64 without a `data:` prefix.
    pub(crate) fn base64(&self) -> String {
        STANDARD.encode(&self.0)
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("kind", &self.kind()).field("bytes", &self.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some(PictureKind::Png)),
            (b"\xff\xd8\xff\xe0", Some(PictureKind::Jpeg)),
            (b"BM6", Some(PictureKind::Bmp)),
            (b"GIF89a", Some(PictureKind::Gif)),
            (b"II*\0\x08", Some(PictureKind::Tiff)),
            (b"MM\0*", Some(PictureKind::Tiff)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(PictureKind::WebP)),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"%PDF-1.7", Some(PictureKind::Pdf)),
            (b"", None),
            (b"hello", None),
        ] {
            assert_eq!(Picture::new(bytes).kind(), kind, "{bytes:?}");
        }
    }
}
