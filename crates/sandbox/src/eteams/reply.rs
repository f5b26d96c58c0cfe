//! How an answer is written: its envelope, its charset.

use axum::body::Body;
use encoding_rs::{BIG5, Encoding, GBK};
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::quirks::{Charset, Envelope, Quirks};
use super::refusal::Refusal;

/// What a call answers besides its envelope.
pub(super) struct Success {
    pub(super) envelope: Envelope,
    /// Members beside `errcode`, or the `data` of a nested envelope.
    pub(super) members: Map<String, Value>,
}

pub(super) fn write(
    quirks: &Quirks,
    usual: Envelope,
    outcome: Result<Success, Refusal>,
) -> Response<Body> {
    let (status, envelope, code, message, members) = match outcome {
        Ok(Success { envelope, members }) => {
            (StatusCode::OK, envelope, "0".to_owned(), "success".to_owned(), Some(members))
        }
        Err(Refusal { code, message, is_unsupported }) => {
            let status = match is_unsupported {
                true => StatusCode::NOT_IMPLEMENTED,
                false => StatusCode::from_u16(quirks.refusal_status).unwrap_or_default(),
            };
            (status, usual, code, message, None)
        }
    };
    let code = match code.parse::<i64>() {
        Ok(number) if quirks.errcode_as_number => json!(number),
        _ => json!(code),
    };
    let status_members = json!({"errcode": code, "errmsg": message});
    let body = match quirks.envelope.unwrap_or(envelope) {
        Envelope::Nested => match members {
            Some(members) => json!({"message": status_members, "data": members}),
            None => json!({"message": status_members}),
        },
        Envelope::Flat => {
            let mut whole = members.unwrap_or_default();
            if let Value::Object(status) = status_members {
                whole.extend(status);
            }
            Value::Object(whole)
        }
    };
    let mut response = Response::new(Body::from(encode(&body.to_string(), quirks)));
    *response.status_mut() = status;
    let named = if quirks.names_charset { name(quirks.charset) } else { "" };
    let kind = HeaderValue::from_str(&format!("application/json{named}"));
    if let Ok(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn name(charset: Charset) -> &'static str {
    match charset {
        Charset::Utf8 => ";charset=UTF-8",
        Charset::Gbk => ";charset=GBK",
        Charset::Big5 => ";charset=Big5",
        Charset::Latin1 => ";charset=ISO-8859-1",
    }
}

fn encode(text: &str, quirks: &Quirks) -> Vec<u8> {
    match quirks.charset {
        Charset::Utf8 if quirks.byte_order_mark => format!("\u{feff}{text}").into_bytes(),
        Charset::Utf8 => text.as_bytes().to_vec(),
        Charset::Gbk => by_character(text, |one| in_table(GBK, one)),
        Charset::Big5 => by_character(text, |one| in_table(BIG5, one)),
        Charset::Latin1 => {
            by_character(text, |one| u8::try_from(u32::from(one)).ok().map(|byte| vec![byte]))
        }
    }
}

fn in_table(table: &'static Encoding, character: char) -> Option<Vec<u8>> {
    let text = character.to_string();
    let (bytes, _, has_lost) = table.encode(&text);
    (!has_lost).then(|| bytes.into_owned())
}

/// What a charset does not have is escaped, which JSON reads as the same text.
fn by_character(text: &str, encode: impl Fn(char) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut units = [0; 2];
    text.chars()
        .flat_map(|character| {
            encode(character).unwrap_or_else(|| {
                let units = character.encode_utf16(&mut units).iter();
                units.map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_charset_is_that_of_the_tables_and_the_rest_is_escaped() {
        let written = |charset| encode("采購é😀", &Quirks { charset, ..Quirks::default() });
        assert_eq!(written(Charset::Gbk), b"\xb2\xc9\xd9\x8f\xa8\xa6\\ud83d\\ude00");
        assert_eq!(written(Charset::Big5), b"\xaa\xf6\xc1\xca\\u00e9\\ud83d\\ude00");
        assert_eq!(written(Charset::Latin1), b"\\u91c7\\u8cfc\xe9\\ud83d\\ude00");
    }
}
