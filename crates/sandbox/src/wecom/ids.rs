//! Ids that look like the platform's and are the same in every run.

use chrono::{DateTime, NaiveDate, Utc};

use crate::ids::{beijing, scramble};

/// Hands out ids: unique within one sandbox, reproducible between two.
#[derive(Debug, Default)]
pub(super) struct Ids {
    drawn: u64,
    /// The day of the last form number and its serial on that day.
    day: Option<(NaiveDate, u32)>,
}

impl Ids {
    fn draw(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(1);
        scramble(self.drawn)
    }

    /// An opaque word of 32 hexadecimal digits.
    pub(super) fn word(&mut self) -> String {
        format!("{:016x}{:016x}", self.draw(), self.draw())
    }

    /// An access token: long and opaque.
    pub(super) fn token(&mut self) -> String {
        format!("{}{}-{}_{}", self.word(), self.word(), self.word(), self.word())
    }

    /// The hint in an error text that support staff ask for.
    pub(super) fn hint(&mut self, now: DateTime<Utc>) -> String {
        let number = self.draw() % 100;
        format!("{}_{number}_{}", now.timestamp(), self.word())
    }

    /// A form number (审批单编号): the day in Beijing and a serial of four digits or more.
    pub(super) fn form(&mut self, now: DateTime<Utc>) -> String {
        let today = beijing(now).date();
        let serial = match self.day {
            Some((day, serial)) if day == today => serial.saturating_add(1),
            _ => 1,
        };
        self.day = Some((today, serial));
        format!("{}{serial:04}", today.format("%Y%m%d"))
    }

    /// A temporary media id (media_id).
    pub(super) fn media(&mut self) -> String {
        format!("3{}_{:016x}", self.word(), self.draw())
    }

    /// The id of an attachment kept with a form or an opinion.
    pub(super) fn attachment(&mut self) -> String {
        format!("WWCISP_{:016x}", self.draw())
    }

    /// A template id (template_id).
    pub(super) fn template(&mut self) -> String {
        format!("3T{}aaa", self.word())
    }

    /// Nineteen digits: the id of a remark, the text of a URL check.
    pub(super) fn digits(&mut self) -> String {
        const NINETEEN_DIGITS: u64 = 1_000_000_000_000_000_000;
        (NINETEEN_DIGITS + self.draw() % (8 * NINETEEN_DIGITS)).to_string()
    }

    /// The nonce of a push: ten digits.
    pub(super) fn nonce(&mut self) -> String {
        (1_000_000_000 + self.draw() % 1_000_000_000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_numbers_count_up_within_the_day_in_beijing() {
        let mut ids = Ids::default();
        let evening = DateTime::from_timestamp(1_751_385_599, 0).unwrap(); // 23:59:59 in Beijing
        assert_eq!(ids.form(evening), "202507010001");
        assert_eq!(ids.form(evening), "202507010002");
        let midnight = evening + chrono::TimeDelta::seconds(1);
        assert_eq!(ids.form(midnight), "202507020001");
    }

    #[test]
    fn digits_have_nineteen_digits_and_nonces_ten() {
        let mut ids = Ids::default();
        for _ in 0..100 {
            assert_eq!(ids.digits().len(), 19);
            assert_eq!(ids.nonce().len(), 10);
        }
    }
}
