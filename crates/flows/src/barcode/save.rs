use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use barcode_app::{Company, SaveName, SaveRequest, Saved, Standing};
use erplink_core::{Members, RawJson};
use erplink_sync::Failure;
use erplink_sync::ports::{Found, Outgoing, Pushed, Target};

use super::desk::Told;

/// Who waits for which save. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Waiting(Arc<Mutex<HashMap<String, usize>>>);

/// Somebody waits, until this is dropped.
#[derive(Debug)]
pub(super) struct Waits {
    waiting: Waiting,
    name: String,
}

impl Waiting {
    pub(super) fn enter(&self, name: &str) -> Waits {
        self.with(|known| *known.entry(name.to_owned()).or_default() += 1);
        Waits { waiting: self.clone(), name: name.to_owned() }
    }

    fn anybody(&self, name: &str) -> bool {
        self.with(|known| known.contains_key(name))
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, usize>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.waiting.with(|known| {
            if let Some(count) = known.get_mut(&self.name) {
                *count -= 1;
                if *count == 0 {
                    known.remove(&self.name);
                }
            }
        });
    }
}

/// Saves what a scanner sent, if somebody still waits for it.
///
/// Who does not wait any more was told that it failed, and may have saved again under another name:
/// finishing it behind their back could double it.
#[derive(Clone, Debug)]
pub struct SaveDocument {
    company: Company,
    waiting: Waiting,
}

impl SaveDocument {
    /// In this company, for those who are waiting.
    #[must_use]
    pub fn new(company: Company, waiting: Waiting) -> Self {
        Self { company, waiting }
    }

    async fn standing(&self, save: &Save) -> Result<Standing, Failure> {
        self.company.standing(&save.request, &save.name).await.map_err(Failure::refused)
    }

    /// Nobody waits: says what stands.
    async fn leave(&self, save: &Save) -> Failure {
        match self.standing(save).await {
            Ok(Standing::Issue(issue)) => Failure::unknown(format!(
                "it was not finished, and nobody waits for it any more: the issue \
                 InventoryGenExits {issue} was posted and stands without its receipt; save the same \
                 again, or take the issue back"
            )),
            Ok(Standing::Saved(_)) => Failure::unknown("it was saved; retry this entry to see it"),
            Ok(_) => Failure::refused(
                "nobody waits for it any more and nothing was posted; save it again",
            ),
            Err(failure) => Failure::unknown(failure),
        }
    }
}

#[async_trait]
impl Target for SaveDocument {
    fn system(&self) -> &str {
        crate::b1::SYSTEM
    }

    async fn push(&self, document: &Outgoing) -> Result<Pushed, Failure> {
        let save = Save::read(document)?;
        if !self.waiting.anybody(&document.key.document) {
            return Err(self.leave(&save).await);
        }
        let (company, Save { request, name }) = (self.company.clone(), save);
        // On its own: it must not end between an issue and its receipt.
        let work = tokio::spawn(async move { company.save_as(&request, &name).await });
        match work.await.map_err(Failure::unknown)? {
            Ok(saved) => pushed(&saved),
            Err(error) if error.may_stand() => Err(Failure::unknown(error)),
            Err(error) => Err(Failure::refused(error)),
        }
    }

    async fn find(&self, document: &Outgoing) -> Result<Found, Failure> {
        match self.standing(&Save::read(document)?).await? {
            Standing::Saved(saved) => Ok(Found::Yes(pushed(&saved)?)),
            Standing::CannotTell => Ok(Found::CannotTell(
                "no `mark_field` is set by which it could be looked for; look in the ERP"
                    .to_owned(),
            )),
            // What stands of it is not posted again.
            _ => Ok(Found::No),
        }
    }
}

/// A save as it stands in the ledger.
struct Save {
    request: SaveRequest,
    name: SaveName,
}

impl Save {
    fn read(document: &Outgoing) -> Result<Self, Failure> {
        let request: Members = document.read()?;
        let request = SaveRequest::from_members(&request).map_err(Failure::park)?;
        Ok(Self { request, name: SaveName::new(document.reference()) })
    }
}

fn pushed(saved: &Saved) -> Result<Pushed, Failure> {
    let answer = saved.answer();
    let told = Told { message: answer.message, data: answer.data };
    let told = RawJson::of(&told).map_err(Failure::unknown)?;
    Ok(Pushed::new(format!("{} {}", saved.entity_set, saved.document)).answering(told))
}
