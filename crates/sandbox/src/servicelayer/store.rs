//! The company's entities in SQLite, one JSON document a row.
//!
//! The JSON text is kept as written, so amounts stay exact; SQL reads members with `json_extract`,
//! which lets views show the entities as the ERP's tables.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::json::Object;
use super::key::Key;
use super::refusal::Refusal;
use super::schema::Schema;

/// An entity with its version, which starts at 1 and grows with every write.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) body: Object,
    pub(crate) version: i64,
}

#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    /// The metadata whose tables SQL sees at present, and the names of these tables.
    pub(super) tables: Option<(Arc<Schema>, Arc<[String]>)>,
}

impl Store {
    pub(crate) fn in_memory() -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(
            "CREATE TABLE entity (
                 position INTEGER PRIMARY KEY AUTOINCREMENT,
                 set_name TEXT NOT NULL,
                 key TEXT NOT NULL,
                 body TEXT NOT NULL,
                 version INTEGER NOT NULL,
                 UNIQUE (set_name, key)
             ) STRICT;
             CREATE TABLE counter (
                 name TEXT PRIMARY KEY,
                 value INTEGER NOT NULL
             ) STRICT;
             CREATE TABLE approved_draft (
                 set_name TEXT NOT NULL,
                 key TEXT NOT NULL,
                 version INTEGER NOT NULL,
                 PRIMARY KEY (set_name, key)
             ) STRICT;",
        )?;
        Ok(Self { connection, tables: None })
    }

    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Begins work that is committed or rolled back as one; such work nests.
    pub(crate) fn begin(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("SAVEPOINT work")
    }

    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("RELEASE work")
    }

    pub(crate) fn roll_back(&mut self) -> rusqlite::Result<()> {
        // Views made meanwhile are gone.
        self.tables = None;
        self.connection.execute_batch("ROLLBACK TO work; RELEASE work")
    }

    pub(crate) fn get(&self, set: &str, key: &Key) -> Result<Option<Stored>, Refusal> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT body, version FROM entity WHERE set_name = ?1 AND key = ?2")?;
        let row = statement.query_row(params![set, key.stored()], text_and_version).optional()?;
        row.map(stored).transpose()
    }

    /// All entities of a set, oldest first.
    pub(crate) fn all(&self, set: &str) -> Result<Vec<Stored>, Refusal> {
        let mut statement = self.connection.prepare_cached(
            "SELECT body, version FROM entity WHERE set_name = ?1 ORDER BY position",
        )?;
        let rows = statement.query_map(params![set], text_and_version)?;
        rows.map(|row| stored(row?)).collect()
    }

    /// Refused when the key exists.
    pub(crate) fn insert(&self, set: &str, key: &Key, body: &Object) -> Result<(), Refusal> {
        if self.get(set, key)?.is_some() {
            return Err(match set {
                "Items" => Refusal::item_exists(&key.stored()),
                "BusinessPartners" => Refusal::partner_exists(&key.stored()),
                _ => Refusal::already_exists(),
            });
        }
        self.connection
            .prepare_cached(
                "INSERT INTO entity (set_name, key, body, version) VALUES (?1, ?2, ?3, 1)",
            )?
            .execute(params![set, key.stored(), body.to_string()])?;
        Ok(())
    }

    /// Replaces the body; the version grows.
    pub(crate) fn update(&self, set: &str, key: &Key, body: &Object) -> Result<(), Refusal> {
        let changed = self
            .connection
            .prepare_cached(
                "UPDATE entity SET body = ?3, version = version + 1
                 WHERE set_name = ?1 AND key = ?2",
            )?
            .execute(params![set, key.stored(), body.to_string()])?;
        if changed == 0 { Err(Refusal::not_found()) } else { Ok(()) }
    }

    pub(crate) fn delete(&self, set: &str, key: &Key) -> Result<(), Refusal> {
        let deleted = self
            .connection
            .prepare_cached("DELETE FROM entity WHERE set_name = ?1 AND key = ?2")?
            .execute(params![set, key.stored()])?;
        if deleted == 0 { Err(Refusal::not_found()) } else { Ok(()) }
    }

    /// The next number of a counter, the first being `from`. Numbers are never used again.
    pub(crate) fn next(&self, counter: &str, from: i64) -> Result<i64, Refusal> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO counter (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = value + 1
             RETURNING value",
        )?;
        Ok(statement.query_row(params![counter, from], |row| row.get(0))?)
    }

    /// Remembers the version of a draft that was approved.
    pub(crate) fn note_approved(&self, set: &str, key: &Key, version: i64) -> Result<(), Refusal> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO approved_draft (set_name, key, version)
                 VALUES (?1, ?2, ?3)",
            )?
            .execute(params![set, key.stored(), version])?;
        Ok(())
    }

    pub(crate) fn approved_version(&self, set: &str, key: &Key) -> Result<Option<i64>, Refusal> {
        let mut statement = self.connection.prepare_cached(
            "SELECT version FROM approved_draft WHERE set_name = ?1 AND key = ?2",
        )?;
        Ok(statement.query_row(params![set, key.stored()], |row| row.get(0)).optional()?)
    }
}

fn text_and_version(row: &rusqlite::Row<'_>) -> rusqlite::Result<(String, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn stored((text, version): (String, i64)) -> Result<Stored, Refusal> {
    Ok(Stored { body: Object::parse(&text).map_err(Refusal::internal)?, version })
}
