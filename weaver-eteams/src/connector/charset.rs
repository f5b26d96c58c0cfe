use std::borrow::Cow;
use std::fmt;

use encoding_rs::{BIG5, Encoding, GBK};
use serde::{Deserialize, Deserializer};

/// The charset (编码) of a connection: that of request bodies, and of answers that do not name one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// UTF-8.
    #[default]
    Utf8,
    /// GBK, simplified Chinese.
    Gbk,
    /// GB2312, the older part of GBK: what is sent stays within the same bytes, and what comes is
    /// read as GBK, because systems that say GB2312 send more.
    Gb2312,
    /// Big5, traditional Chinese.
    Big5,
    /// ISO-8859-1: each byte is the character of its number. Not windows-1252, which has other
    /// characters in the place of the control characters.
    Latin1,
}

/// A text that a charset cannot hold, or bytes that are no text in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The first character that does not exist in the charset.
    Character(char),
    /// The bytes are no text in the charset.
    Bytes,
}

impl Charset {
    /// By its name, as the platform's page spells it (`BIG 5`) or as HTTP does (`big5`).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let letters = name.chars().filter(|letter| !matches!(letter, ' ' | '-' | '_'));
        Some(match letters.collect::<String>().to_ascii_lowercase().as_str() {
            "utf8" => Self::Utf8,
            "gbk" | "cp936" => Self::Gbk,
            "gb2312" => Self::Gb2312,
            "big5" => Self::Big5,
            "iso88591" | "latin1" => Self::Latin1,
            _ => return None,
        })
    }

    /// The name in a `Content-Type`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gbk => "GBK",
            Self::Gb2312 => "GB2312",
            Self::Big5 => "Big5",
            Self::Latin1 => "ISO-8859-1",
        }
    }

    fn multibyte(self) -> Option<&'static Encoding> {
        match self {
            Self::Gbk | Self::Gb2312 => Some(GBK),
            Self::Big5 => Some(BIG5),
            Self::Utf8 | Self::Latin1 => None,
        }
    }

    pub(super) fn encode(self, text: &str) -> Result<Vec<u8>, Broken> {
        if self == Self::Utf8 {
            return Ok(text.as_bytes().to_vec());
        }
        // Character by character: an encoder would write `&#1234;` for what it does not have.
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            if (self, character) == (Self::Big5, '仝') {
                // The encoder takes its place among the extensions, which not every system has.
                bytes.extend_from_slice(b"\xc9\x69");
                continue;
            }
            match self.multibyte() {
                Some(encoding) => {
                    let mut buffer = [0; 4];
                    let (encoded, _, has_lost) =
                        encoding.encode(character.encode_utf8(&mut buffer));
                    if has_lost {
                        return Err(Broken::Character(character));
                    }
                    bytes.extend_from_slice(&encoded);
                }
                None => bytes.push(
                    u8::try_from(u32::from(character)).map_err(|_| Broken::Character(character))?,
                ),
            }
        }
        Ok(bytes)
    }

    /// A byte order mark of UTF-8 is left out.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
        match self {
            Self::Utf8 => {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|_| Broken::Bytes)
            }
            Self::Latin1 => Ok(Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect())),
            Self::Gbk | Self::Gb2312 | Self::Big5 => self
                .multibyte()
                .and_then(|encoding| {
                    encoding.decode_without_bom_handling_and_without_replacement(bytes)
                })
                .ok_or(Broken::Bytes),
        }
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Charset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            serde::de::Error::custom(format_args!(
                "`{name}` is no charset of a connection; there are: UTF-8, GBK, GB2312, BIG 5, ISO-8859-1"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_are_known() {
        for (name, charset) in [
            ("BIG 5", Charset::Big5),
            ("big5", Charset::Big5),
            ("ISO-8859-1", Charset::Latin1),
            ("utf-8", Charset::Utf8),
            ("GB2312", Charset::Gb2312),
        ] {
            let read: Charset = serde_json::from_value(name.into()).unwrap();
            assert_eq!(read, charset, "{name}");
        }
        let error = serde_json::from_str::<Charset>(r#""windows-1252""#).unwrap_err();
        assert!(error.to_string().contains("there are: UTF-8"), "{error}");
    }

    #[test]
    fn latin1_is_one_to_one() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = Charset::Latin1.decode(&bytes).unwrap();
        assert_eq!(text.chars().map(u32::from).collect::<Vec<_>>(), (0..=255).collect::<Vec<_>>());
        assert_eq!(Charset::Latin1.encode(&text).unwrap(), bytes);
        assert_eq!(Charset::Latin1.encode("a€"), Err(Broken::Character('€')));
    }

    #[test]
    fn what_a_charset_does_not_have_is_named_and_not_replaced() {
        assert_eq!(Charset::Gbk.encode("采购😀"), Err(Broken::Character('😀')));
        assert_eq!(Charset::Big5.encode("采购"), Err(Broken::Character('购')));
        assert_eq!(Charset::Gbk.decode(b"\xb2\xc9\xff"), Err(Broken::Bytes));
        assert_eq!(Charset::Utf8.decode(b"\xb2\xc9"), Err(Broken::Bytes));
        assert_eq!(Charset::Utf8.decode(b"\xef\xbb\xbf{}").unwrap(), "{}");
    }
}
