//! Ids that look like the server's and are the same in every run.

/// Hands out ids: unique within one sandbox, reproducible between two.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    drawn: u64,
}

impl Ids {
    fn draw(&mut self) -> i64 {
        self.drawn = self.drawn.wrapping_add(1);
        i64::try_from(self.drawn).unwrap_or(i64::MAX)
    }

    /// A request (流程): seven digits that count up.
    pub(super) fn request(&mut self) -> i64 {
        self.draw().saturating_add(2_966_059)
    }

    /// A detail row, a log entry, an operator record, a row of a modelled table.
    pub(super) fn record(&mut self) -> i64 {
        self.draw()
    }

    /// A document of the document module.
    pub(super) fn document(&mut self) -> i64 {
        self.draw().saturating_add(50_000)
    }

    /// Tokens and secrets: a UUID in lower case.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (scramble(self.draw()), scramble(self.draw()));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }

    /// A session id of the servlet container.
    pub(super) fn session(&mut self) -> String {
        format!("{:016X}{:016X}", scramble(self.draw()), scramble(self.draw()))
    }
}

/// SplitMix64: neighbouring counters give words that share no digits.
fn scramble(counter: i64) -> u64 {
    let mut word = counter.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
