//! Ids that look like the platform's and are the same in every run.

use chrono::{DateTime, Utc};

pub(super) use crate::ids::beijing;
use crate::ids::scramble;

/// Hands out ids: unique within one sandbox, reproducible between two.
#[derive(Debug, Default)]
pub(super) struct Ids {
    drawn: u64,
}

impl Ids {
    fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(1);
        scramble(self.drawn)
    }

    /// A UUID in lower case, the shape of an instance id and of an event id.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// A request id: a UUID in upper case.
    pub(super) fn request(&mut self) -> String {
        self.uuid().to_uppercase()
    }

    /// An opaque word of lower-case hexadecimal digits: tokens, nonces.
    pub(super) fn word(&mut self) -> String {
        format!("{:016x}{:016x}", self.draw(), self.draw())
    }

    /// The id of a Stream message.
    pub(super) fn message(&mut self) -> String {
        format!(
            "{:08x}_972_{:011x}_{:04x}",
            self.draw() >> 32,
            self.draw() >> 20,
            self.draw() >> 48
        )
    }

    /// A place in a list of this length; 0 for an empty one.
    pub(super) fn below(&mut self, length: usize) -> usize {
        let drawn = usize::try_from(self.draw() >> 32).unwrap_or_default();
        drawn.checked_rem(length).unwrap_or_default()
    }

    /// A task id: eleven digits that count up.
    pub(super) fn task(&mut self) -> i64 {
        self.drawn = self.drawn.wrapping_add(1);
        67_583_405_000_i64.saturating_add(i64::try_from(self.drawn).unwrap_or(i64::MAX))
    }

    /// An approval number (审批编号): the minute in Beijing and a serial.
    pub(super) fn business(&mut self, now: DateTime<Utc>) -> String {
        self.drawn = self.drawn.wrapping_add(1);
        format!("{}{:09}", beijing(now).format("%Y%m%d%H%M"), self.drawn)
    }
}

/// Eight letters and digits that follow from a text, for component ids.
pub(super) fn short_code(text: &str) -> String {
    let mut hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut code = String::with_capacity(8);
    for _ in 0..8 {
        let digit = u32::try_from(hash % 36).unwrap_or_default();
        code.extend(char::from_digit(digit, 36).map(|digit| digit.to_ascii_uppercase()));
        hash /= 36;
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_repeat_in_the_next_run() {
        let (mut one, mut two) = (Ids::default(), Ids::default());
        let first: Vec<_> = (0..100).map(|_| one.uuid()).collect();
        let again: Vec<_> = (0..100).map(|_| two.uuid()).collect();
        assert_eq!(first, again);
        let distinct: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), 100);
        assert_eq!(first.first().map(String::len), Some(36));
    }

    #[test]
    fn a_task_id_has_eleven_digits_and_an_approval_number_twenty_one() {
        let mut ids = Ids::default();
        assert_eq!(ids.task().to_string().len(), 11);
        let noon = DateTime::from_timestamp(1_732_069_860, 0).unwrap();
        let number = ids.business(noon);
        assert_eq!(number.len(), 21);
        assert!(number.starts_with("202411201031"), "{number}");
    }
}
