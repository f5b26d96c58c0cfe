use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake in a configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 if the file as a whole cannot be read.
    pub line: usize,
    /// What is wrong, and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// Every mistake of a configuration, one a line when printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects the mistakes of one file.
pub(super) struct Notes<'a> {
    pub file: &'a Path,
    pub text: &'a str,
    pub found: Vec<Problem>,
}

impl Notes<'_> {
    pub(super) fn add(&mut self, offset: usize, message: impl fmt::Display) {
        let before = self.text.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        let message = message.to_string();
        self.found.push(Problem { file: self.file.to_owned(), line, message });
    }
}

/// The allowed name that a misspelt one probably means.
pub(super) fn nearest<'a>(
    word: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let distances = allowed.into_iter().map(|candidate| (distance(word, candidate), candidate));
    let (distance, candidate) = distances.min()?;
    (distance <= 1 + candidate.chars().count() / 3).then_some(candidate)
}

/// How many letters have to be inserted, deleted or replaced, case aside.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (line, letter) in b.to_lowercase().chars().enumerate() {
        let mut next = vec![line + 1];
        for ((known, left_above), above) in a.iter().zip(&row).zip(row.iter().skip(1)) {
            let replaced = left_above + usize::from(*known != letter);
            let left = next.last().copied().unwrap_or(usize::MAX - 1);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_near_and_another_word_is_not() {
        assert_eq!(nearest("pasword", ["password", "user"]), Some("password"));
        assert_eq!(nearest("PageSize", ["page_size"]), Some("page_size"));
        assert_eq!(nearest("colour", ["password", "user"]), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "ab")), (3, 2));
    }
}
