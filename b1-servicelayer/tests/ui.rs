//! What must not compile.

#[test]
fn wrong_types_do_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/filter_*.rs");
}
