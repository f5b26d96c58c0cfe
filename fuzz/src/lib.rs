//! What each fuzz target does with its bytes. A target is one function here and one line in
//! `fuzz_targets/`; the tests run each over a few thousand inputs without a fuzzer.
//!
//! A panic is a finding. That is why the functions assert what must hold.

mod b1;
mod callbacks;

pub use b1::{b1_answer, b1_error, b1_escaping};
pub use callbacks::{callback_envelope, dingtalk_callback};

#[cfg(test)]
mod tests {
    /// Bytes that look alike from run to run: a linear congruential generator.
    fn noise(seed: u64, length: usize) -> Vec<u8> {
        let mut state = seed;
        let next = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u8
        };
        (0..length).map(next).collect()
    }

    /// The seeds whole, cut at each byte, and with noise in the midst.
    fn run(target: fn(&[u8]), seeds: &[&str]) {
        target(&[]);
        for (number, seed) in seeds.iter().enumerate() {
            for end in 0..=seed.len() {
                target(&seed.as_bytes()[..end]);
            }
            for round in 0..200 {
                let noise = noise(round * 31 + number as u64, 4);
                let mut bytes = seed.as_bytes().to_vec();
                let at = noise[0] as usize % (bytes.len() + 1);
                bytes.splice(at..at, noise[1..].iter().copied());
                target(&bytes);
            }
        }
        for round in 0..500 {
            target(&noise(round, round as usize % 90));
        }
    }

    #[test]
    fn callback_envelope() {
        run(
            super::callback_envelope,
            &["aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ=", "\0{\"EventType\":\"x\"}"],
        );
    }

    #[test]
    fn dingtalk_callback() {
        run(
            super::dingtalk_callback,
            &[
                "\0{\"EventType\":\"bpms_instance_change\",\"processInstanceId\":\"a\",\"type\":\"finish\",\"result\":\"agree\",\"createTime\":1495592259000}",
                "\0{\"EventType\":\"bpms_task_change\",\"taskId\":1,\"staffId\":\"u\",\"type\":\"start\"}",
                "\u{1}{\"encrypt\":\"AAAA\"}",
            ],
        );
    }

    #[test]
    fn b1_error() {
        run(
            super::b1_error,
            &[
                "\u{1}\0{\"error\":{\"code\":-10,\"message\":{\"lang\":\"en-us\",\"value\":\"1320000140 - x\"}}}",
                "\u{2}\u{3}{\"error\":{\"code\":\"301\",\"message\":\"m\"}}",
                "\u{4}\u{7}<html>503</html>",
            ],
        );
    }

    #[test]
    fn b1_answer() {
        run(
            super::b1_answer,
            &[
                "\0{\"value\":[{\"ItemCode\":\"A\",\"U_X\":1.10}],\"odata.nextLink\":\"Items?$skip=1\"}",
                "\u{1}{\"value\":[{\"a\":1}],\"odata.nextLink\":\"x?$skip=1\"}",
                "\u{2}{\"SqlCode\":\"q\",\"SqlName\":\"q\",\"SqlText\":\"select [a] from \\\"b\\\" -- c\"}",
                "\u{3}https://h/b1s/v1/SpecialPrices(CardCode='C''1',ItemCode='I')",
                "\u{4}{\"value\":[{\"ItemCode\":\"A\",\"UpdateDate\":\"2023-10-20\",\"UpdateTime\":\"15:00\"}]}",
            ],
        );
    }

    #[test]
    fn b1_escaping() {
        run(super::b1_escaping, &["O'Neil''", "A/1 #2%27+&?物料", "x' or 'a' eq 'a", "\0\r\n"]);
    }
}
