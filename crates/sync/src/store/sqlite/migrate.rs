//! Numbered migrations: the number is kept in the file's `user_version`.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, ErrorKind, Result};

/// In order, never edited after a release: a change of the schema is a new file.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_awaited_decisions.sql"),
    include_str!("migrations/0003_newer_versions.sql"),
];

/// Brings the file to the newest schema. Each migration is one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_to(connection, MIGRATIONS.len())
}

fn migrate_to(connection: &mut Connection, newest: usize) -> Result<()> {
    let failed = |error| Error::store("cannot upgrade the ledger; the file is as it was", error);
    loop {
        // The version is read inside the transaction: two programs may open the file at once.
        let tx =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let version: u32 =
            tx.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        let done = usize::try_from(version).unwrap_or(usize::MAX);
        if done > MIGRATIONS.len() {
            return Err(Error::new(
                ErrorKind::Store,
                format!(
                    "the ledger has schema version {version}, this program knows {} at most: \
                     start the newer program that wrote it",
                    MIGRATIONS.len(),
                ),
            ));
        }
        let Some(sql) = MIGRATIONS.get(done).filter(|_| done < newest) else {
            return Ok(());
        };
        tx.execute_batch(sql).map_err(failed)?;
        tx.pragma_update(None, "user_version", version + 1).map_err(failed)?;
        tx.commit().map_err(failed)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_file_keeps_its_data() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate_to(&mut connection, 1).unwrap();
        connection
            .execute(
                "INSERT INTO jobs (company, flow, document, generation, version, content, step, \
                 target_id, state, attempts, claims, arrived_at, changed_at) \
                 VALUES ('C', 'f', '16', 1, 'v', '{}', 'sent', 'R-1', 'done', 0, 1, 0, 0)",
                [],
            )
            .unwrap();
        migrate(&mut connection).unwrap();
        let (id, awaiting): (String, Option<i64>) = connection
            .query_row("SELECT target_id, awaiting FROM jobs WHERE document = '16'", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .unwrap();
        assert_eq!((id.as_str(), awaiting), ("R-1", None));
        migrate(&mut connection).unwrap();
    }

    #[test]
    fn a_newer_file_is_refused_and_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert!(error.to_string().contains("schema version 99"), "{error}");
    }
}
