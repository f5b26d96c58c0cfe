//! Broken configuration files, each with everything that `check` has to say about it.
//!
//! A file ends with the expected messages, `#! LINE: MESSAGE`; a `*` stands for anything.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

use std::path::{Path, PathBuf};

use erplink::config::Loader;

fn variable(name: &str) -> Option<String> {
    match name {
        "KEY" => Some("o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus".to_owned()),
        "SPACE" => Some("secret ".to_owned()),
        "UNSET" => None,
        _ => Some("secret".to_owned()),
    }
}

/// Whether a message is the expected one.
fn fits(found: &str, expected: &str) -> bool {
    let Some((before, after)) = expected.split_once('*') else { return found == expected };
    let room = found.len() >= before.len() + after.len();
    room && found.starts_with(before) && found.ends_with(after)
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[test]
fn every_broken_file_says_what_is_wrong_where() {
    let mut wrong = Vec::new();
    let files = files();
    assert!(files.len() >= 20, "{} files", files.len());
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = text.lines().filter_map(|line| line.strip_prefix("#! "));
        let expected: Vec<_> = expected.map(str::to_owned).collect();
        let found: Vec<String> = match Loader::default().environment(variable).read(&file) {
            Ok(_) => Vec::new(),
            Err(problems) => {
                let folder = file.parent().unwrap().to_str().unwrap();
                let told = |line, text: &str| format!("{line}: {}", text.replace(folder, "FOLDER"));
                problems.0.iter().map(|one| told(one.line, &one.message)).collect()
            }
        };
        let same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(found, expected)| fits(found, expected));
        if !same || found.is_empty() {
            wrong.push(format!("{name} said\n#! {}", found.join("\n#! ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}
