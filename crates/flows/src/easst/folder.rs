use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use erplink_sync::Failure;
use sha2::{Digest as _, Sha256};

/// A folder into which people or a scanner put pictures of invoices, and what becomes of them:
///
/// | folder | holds |
/// |---|---|
/// | itself | new pictures, and those that could not be recognised |
/// | `pictures` | recognised pictures, each under its SHA-256: `9f86d0….png` |
/// | `answers` | what was recognised and is not in the ERP yet: `9f86d0….json` |
/// | `booked` | what is in the ERP |
///
/// Files are moved and never deleted. A picture whose answer is there is not recognised again, and
/// not billed again, whatever happens to the ledger.
#[derive(Clone, Debug)]
pub struct InvoiceFolder {
    root: PathBuf,
    quiet: Duration,
    extensions: Vec<String>,
}

/// What a new file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) changed: SystemTime,
}

/// The file endings that are taken for pictures, unless a list says otherwise.
const EXTENSIONS: [&str; 9] = ["bmp", "gif", "jpeg", "jpg", "pdf", "png", "tif", "tiff", "webp"];

impl InvoiceFolder {
    /// The folder at this path. It has to be there; the ones in it are made when they are needed.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let extensions = EXTENSIONS.map(str::to_owned).to_vec();
        Self { root: root.into(), quiet: Duration::from_secs(5), extensions }
    }

    /// A file is left alone until nobody has written into it for so long. Default 5 seconds.
    #[must_use]
    pub fn quiet(mut self, time: Duration) -> Self {
        self.quiet = time;
        self
    }

    /// The endings of pictures, in lower case.
    #[must_use]
    pub fn extensions<'a>(mut self, endings: impl IntoIterator<Item = &'a str>) -> Self {
        self.extensions = endings.into_iter().map(str::to_ascii_lowercase).collect();
        self
    }

    /// Whether it is there, and whether files can be written into it.
    ///
    /// # Errors
    /// When not; the text says what to do.
    pub fn check(&self) -> Result<(), String> {
        let shown = self.root.display();
        let names = self.names();
        names.map_err(|error| format!("`{shown}` cannot be read: {error}; make the folder"))?;
        self.prepare().map_err(|failure| failure.message().to_owned())
    }

    /// The names of all files in it, sorted.
    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            // A name that is not text cannot be written down; people see it lie there.
            if entry.file_type()?.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// The new pictures that nobody writes any more, by name.
    pub(super) fn new_pictures(&self) -> Result<Vec<Seen>, Failure> {
        let names = self.names().map_err(|error| self.unusable(".", &error))?;
        let pictures = names.into_iter().filter(|name| self.is_picture(name));
        Ok(pictures.filter_map(|name| self.look(name)).collect())
    }

    /// The ending decides. Names with a dot or `~` in front are half-written files of other programs.
    fn is_picture(&self, name: &str) -> bool {
        let ending = extension(name);
        !name.starts_with(['.', '~']) && self.extensions.contains(&ending)
    }

    /// `None`: it went away, or somebody writes it.
    fn look(&self, name: String) -> Option<Seen> {
        let file = fs::metadata(self.root.join(&name)).ok()?;
        let changed = file.modified().ok()?;
        // A file from the future was copied with its date.
        let is_fresh = changed.elapsed().is_ok_and(|age| age < self.quiet);
        (!is_fresh).then_some(Seen { name, bytes: file.len(), changed })
    }

    /// The bytes of a new picture.
    pub(super) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    /// The bytes of a recognised picture.
    pub(super) fn read_filed(&self, sha256: &str, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.filed(sha256, name))
    }

    fn filed(&self, sha256: &str, name: &str) -> PathBuf {
        self.root.join("pictures").join(format!("{sha256}.{}", extension(name)))
    }

    /// Moves a new picture to the recognised ones. One that is gone was moved before.
    pub(super) fn file(&self, sha256: &str, name: &str) -> Result<(), Failure> {
        let folder = self.folder("pictures")?;
        let (from, to) = (self.root.join(name), self.filed(sha256, name));
        // Somebody may have put another picture under the same name meanwhile.
        match fs::read(&from) {
            Ok(bytes) if digest(&bytes) == sha256 => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.unusable(name, &error)),
        }
        moved(&from, &to).map_err(|error| self.unusable(name, &error))?;
        settle(&folder);
        Ok(())
    }

    fn answer(&self, folder: &str, sha256: &str) -> PathBuf {
        self.root.join(folder).join(format!("{sha256}.json"))
    }

    /// Whether the picture was recognised before.
    pub(super) fn has_answer(&self, sha256: &str) -> bool {
        ["answers", "booked"].iter().any(|folder| self.answer(folder, sha256).exists())
    }

    /// Makes the folder of answers and writes into it: an answer that cannot be kept must not be
    /// asked for.
    pub(super) fn prepare(&self) -> Result<(), Failure> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let probe = format!(".probe-{}-{number}", std::process::id());
        let probe = self.folder("answers")?.join(probe);
        let written = fs::write(&probe, b"erplink").and_then(|()| fs::remove_file(&probe));
        written.map_err(|error| self.unusable("answers", &error))
    }

    /// Keeps an answer: it is there whole, or not at all.
    pub(super) fn keep(&self, sha256: &str, answer: &str) -> Result<(), Failure> {
        let folder = self.folder("answers")?;
        let half = folder.join(format!(".{sha256}-{}", std::process::id()));
        let written = fs::File::create(&half).and_then(|mut file| {
            file.write_all(answer.as_bytes())?;
            file.sync_all()
        });
        let kept = written.and_then(|()| fs::rename(&half, self.answer("answers", sha256)));
        if kept.is_err() {
            drop(fs::remove_file(&half));
        }
        kept.map_err(|error| self.unusable(sha256, &error))?;
        settle(&folder);
        Ok(())
    }

    /// The pictures whose answers wait, by their SHA-256.
    pub(super) fn waiting(&self) -> Result<Vec<String>, Failure> {
        let folder = Self::new(self.root.join("answers"));
        match folder.names() {
            Ok(names) => {
                let names = names.iter().filter_map(|name| name.strip_suffix(".json"));
                Ok(names.filter(|name| is_digest(name)).map(str::to_owned).collect())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(self.unusable("answers", &error)),
        }
    }

    /// An answer that waits; `None` if it does not any more.
    pub(super) fn read_answer(&self, sha256: &str) -> Result<Option<String>, Failure> {
        match fs::read(self.answer("answers", sha256)) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(sha256, &error)),
        }
    }

    /// Moves an answer to those that are in the ERP. One that is gone was moved before.
    pub(super) fn book(&self, sha256: &str) -> Result<(), Failure> {
        let folder = self.folder("booked")?;
        match fs::rename(self.answer("answers", sha256), self.answer("booked", sha256)) {
            Ok(()) => {
                settle(&folder);
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.unusable(sha256, &error)),
        }
    }

    fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let folder = self.root.join(name);
        // Not the whole path: a folder on a disk that is not there must not come into being.
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(self.unusable(name, &error))
            }
            _ => Ok(folder),
        }
    }

    /// A disk that is full or not there is no matter of one picture.
    fn unusable(&self, what: &str, error: &io::Error) -> Failure {
        let place = self.root.join(what);
        Failure::outage(format!("`{}`: {error}; check the folder", place.display()))
    }
}

/// Moves a file, also where the other folder is on another disk.
fn moved(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            fs::copy(from, to)?;
            fs::remove_file(from)
        }
        outcome => outcome,
    }
}

/// A renamed file survives a power cut once its folder is written. Where the system cannot write
/// folders, it does so by itself in its own time.
fn settle(folder: &Path) {
    if let Ok(folder) = fs::File::open(folder) {
        drop(folder.sync_all());
    }
}

fn extension(name: &str) -> String {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    ending.unwrap_or_default().to_ascii_lowercase()
}

/// SHA-256 in hexadecimal digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Does something with files without keeping others waiting.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::unknown("the work on the folder did not end")),
    }
}
