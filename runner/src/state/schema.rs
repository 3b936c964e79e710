//! The tables, and the file they are in.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{FILE, Result, StateError};

/// The version of the tables.
const VERSION: i64 = 3;

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS resource (address TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS device (address TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS population (address TEXT PRIMARY KEY, count TEXT NOT NULL);
-- Every transaction that came to an end with changes; the bundle is kept for rollback and history.
CREATE TABLE IF NOT EXISTS applied (
    serial INTEGER PRIMARY KEY, digest TEXT NOT NULL, kind TEXT NOT NULL, bundle BLOB NOT NULL,
    previous TEXT NOT NULL, at INTEGER NOT NULL, back_to INTEGER, details TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS applied_digest ON applied (digest);
-- At most one transaction that has not come to an end.
CREATE TABLE IF NOT EXISTS pending (
    one INTEGER PRIMARY KEY CHECK (one = 1), digest TEXT NOT NULL, kind TEXT NOT NULL, bundle BLOB NOT NULL,
    persist TEXT NOT NULL, decided INTEGER NOT NULL, at INTEGER NOT NULL, back_to INTEGER,
    details TEXT NOT NULL DEFAULT '{}');
-- Each step of it, written before it is taken, with what undoes it.
CREATE TABLE IF NOT EXISTS journal (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, persist TEXT NOT NULL, step TEXT NOT NULL, devices TEXT NOT NULL,
    at INTEGER NOT NULL, undone_by TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), record TEXT NOT NULL);
";

/// From version 1: a rollback took back the one before it, and nobody was written down.
const FROM_1: &str = "
ALTER TABLE applied ADD COLUMN back_to INTEGER;
ALTER TABLE applied ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE pending ADD COLUMN back_to INTEGER;
ALTER TABLE pending ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
UPDATE applied SET back_to = serial - 2 WHERE kind = 'rollback';
UPDATE pending SET back_to = (SELECT MAX(serial) - 1 FROM applied) WHERE kind = 'rollback';
";

/// From version 2: steps did not say what undoes them.
const FROM_2: &str = "
ALTER TABLE journal ADD COLUMN undone_by TEXT NOT NULL DEFAULT '';
";

/// Makes the folder and an empty file, for their owner only, where they are missing.
pub(super) fn prepare_file(folder: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| StateError::unusable(folder, error))?;
    let path = folder.join(FILE);
    // SQLite gives its journal files the mode of the file itself.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(StateError::unusable(&path, error)),
        _ => Ok(()),
    }
}

/// Opens the file, which must be there. Each commit reaches the disk before it returns.
pub(super) fn connect(folder: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Whether the file cannot be opened as one that is written, as its file system or its permissions are.
pub(super) fn is_write_protected(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
}

/// Opens the file for reading only, and writes nothing beside it.
pub(super) fn connect_to_read(folder: &Path) -> Result<Connection> {
    let path = folder.join(FILE);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // SQLite reads such a file only where the files beside it are there too. Without a log beside it nobody is at work, and all
    // is in the file itself.
    let connection = if folder.join(format!("{FILE}-wal")).exists() {
        Connection::open_with_flags(path, flags)?
    } else {
        let name = format!("file:{}?immutable=1", escaped(&path));
        Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI)?
    };
    connection.busy_timeout(BUSY)?;
    check_version(&connection)?;
    Ok(connection)
}

/// A path as a URI has it.
fn escaped(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    let bytes = path.as_os_str().as_bytes();
    bytes.iter().map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02x}") }).collect()
}

/// Makes the tables of a new file; refuses a file of a later program.
pub(super) fn migrate(connection: &Connection) -> Result<()> {
    let steps = match version(connection)? {
        0 => TABLES.to_owned(),
        1 => format!("{FROM_1}{FROM_2}"),
        2 => FROM_2.to_owned(),
        _ => return check_version(connection),
    };
    connection.execute_batch(&format!("BEGIN IMMEDIATE; {steps} PRAGMA user_version = {VERSION}; COMMIT;"))?;
    check_version(connection)
}

/// Gives a state that has no id one.
pub(super) fn name(connection: &Connection) -> Result<()> {
    let known: i64 = connection.query_row("SELECT count(*) FROM meta WHERE key = 'id'", [], |row| row.get(0))?;
    if known == 0 {
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('id', lower(hex(randomblob(16))))", [])?;
    }
    Ok(())
}

pub(super) fn check_version(connection: &Connection) -> Result<()> {
    match version(connection)? {
        VERSION => Ok(()),
        found => Err(StateError::Version { found, known: VERSION }),
    }
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}
