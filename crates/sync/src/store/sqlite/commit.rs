//! Group commit: calls that arrive while the disk is busy share the next `fsync`.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind, Result};

/// One connection, used by one blocking task at a time and never by an async thread.
#[derive(Clone)]
pub(super) struct Database(Arc<Shared>);

struct Shared {
    path: PathBuf,
    connection: Mutex<Connection>,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    calls: Vec<Box<dyn Call>>,
    drained: bool,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.0.path).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Database {
    pub(super) fn new(path: PathBuf, connection: Connection) -> Self {
        let (connection, queue) = (Mutex::new(connection), Mutex::default());
        Self(Arc::new(Shared { path, connection, queue }))
    }

    /// Runs `work` in a transaction and answers once it is on the disk.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let start = {
            let mut queue = lock(&self.0.queue);
            queue.calls.push(Box::new(Pending { work: Some(work), done: None, reply }));
            !std::mem::replace(&mut queue.drained, true)
        };
        if start {
            let role = Drainer { shared: self.0.clone(), finished: false };
            tokio::task::spawn_blocking(move || role.drain());
        }
        answer.await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Store, "the runtime stopped before the store could answer"))
        })
    }
}

/// Whoever has this role commits until the queue is empty. It is given up also when the task
/// never ran (the runtime stopped) or panicked.
struct Drainer {
    shared: Arc<Shared>,
    finished: bool,
}

impl Drainer {
    fn drain(mut self) {
        let shared = self.shared.clone();
        let mut connection = lock(&shared.connection);
        loop {
            let calls = {
                let mut queue = lock(&shared.queue);
                if queue.calls.is_empty() {
                    // Under the lock: the next call finds the role free and takes it.
                    queue.drained = false;
                    self.finished = true;
                    return;
                }
                std::mem::take(&mut queue.calls)
            };
            commit(&mut connection, calls);
        }
    }
}

impl Drop for Drainer {
    fn drop(&mut self) {
        if !self.finished {
            let mut queue = lock(&self.shared.queue);
            queue.calls.clear();
            queue.drained = false;
        }
    }
}

fn commit(connection: &mut Connection, mut calls: Vec<Box<dyn Call>>) {
    let outcome = (|| {
        let mut tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for call in &mut calls {
            // One refused call must not take the others with it.
            let savepoint = tx.savepoint()?;
            if call.run(&savepoint) { savepoint.commit()? } else { savepoint.finish()? }
        }
        tx.commit()
    })();
    for call in calls {
        call.answer(outcome.as_ref().err());
    }
}

trait Call: Send {
    /// Whether the changes are to stay.
    fn run(&mut self, connection: &Connection) -> bool;
    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>);
}

struct Pending<F, T> {
    work: Option<F>,
    done: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T> + Send> Call for Pending<F, T> {
    fn run(&mut self, connection: &Connection) -> bool {
        self.done = self.work.take().map(|work| work(connection));
        matches!(self.done, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>) {
        let result = match (failed, self.done) {
            (None, Some(done)) => done,
            (Some(error), _) => Err(Error::store(
                "the ledger could not be written; check the disk and who else has the file open",
                error.to_string(),
            )),
            (None, None) => Err(Error::new(ErrorKind::Store, "the call did not run")),
        };
        // A caller that went away does not need the answer; the write stays.
        let _ = self.reply.send(result);
    }
}
