//! Ids above 2^53, so that a client that reads them as floats is found out.

use crate::ids::scramble;

const FIRST: i64 = 17_416_593_677_000_001;

/// Hands out ids: unique within one sandbox, reproducible between two.
#[derive(Debug)]
pub(super) struct Ids {
    next: i64,
}

impl Ids {
    pub(super) fn new() -> Self {
        Ids { next: FIRST }
    }

    /// The id of anything that is stored. Always odd, so that a float is never equal to it.
    pub(super) fn draw(&mut self) -> i64 {
        let id = self.next;
        self.next = id.saturating_add(2);
        id
    }

    /// The number behind the prefix of a code: `T-1`, `T-2`, ….
    pub(super) fn serial(&mut self) -> i64 {
        (self.draw() - FIRST) / 2
    }

    /// 32 hexadecimal digits: tokens, request ids.
    pub(super) fn word(&mut self) -> String {
        let counter = self.draw().cast_unsigned();
        format!("{:016x}{:016x}", scramble(counter), scramble(counter.wrapping_add(1)))
    }
}
