#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| erplink_fuzz::b1_answer(data));
