//! Adds up what the schedules did.

use std::collections::BTreeMap;
use std::fmt;

use crate::plan::{Plan, Trouble};
use crate::world::Played;

#[derive(Debug, Default)]
pub(crate) struct Tally {
    played: usize,
    failed: Vec<String>,
    documents: usize,
    processes: usize,
    kills: usize,
    kills_in_ledger: usize,
    expired: usize,
    troubles: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// Adds a schedule; returns how many there are.
    pub(crate) fn add(
        &mut self,
        plan: &Plan,
        outcome: Result<Played, String>,
        verbose: bool,
    ) -> usize {
        self.played += 1;
        for trouble in plan.lives.iter().flat_map(|life| &life.troubles) {
            let name = match trouble {
                Trouble::Kill(..) => continue, // counted when they happened
                Trouble::Call(..) => "lost or refused calls",
                Trouble::Expire(_) => continue,
                Trouble::Push(_) => "doubled, late or damaged pushes",
                Trouble::NoPushes => "lives without pushes",
                Trouble::Down { .. } => "outages of an hour",
                Trouble::DiskFull { .. } => "full disks",
            };
            *self.troubles.entry(name).or_default() += 1;
        }
        match outcome {
            Ok(played) => {
                self.documents += played.documents;
                self.processes += played.processes;
                self.kills += played.kills.len();
                let in_ledger = played.kills.iter().filter(|kill| kill.contains(" ledger "));
                self.kills_in_ledger += in_ledger.count();
                self.expired += played.expired;
                if verbose {
                    println!("went well: {played:#?}");
                }
            }
            Err(problem) => {
                println!("\nFAILED {plan}{problem}");
                self.failed.push(plan.name.clone());
            }
        }
        self.played
    }

    pub(crate) fn failed(&self) -> usize {
        self.failed.len()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} schedules, {} processes, {} documents and decisions exactly once",
            self.played, self.processes, self.documents,
        )?;
        writeln!(
            f,
            "{} kills at a step ({} at a call, {} at a ledger write), {} expired sessions",
            self.kills,
            self.kills - self.kills_in_ledger,
            self.kills_in_ledger,
            self.expired,
        )?;
        for (name, count) in &self.troubles {
            writeln!(f, "{count} {name}")?;
        }
        if self.failed.is_empty() {
            return writeln!(f, "lost 0, doubled 0");
        }
        writeln!(f, "{} FAILED: {}", self.failed.len(), self.failed.join(", "))
    }
}
