//! Verified files in a folder that belongs to this user alone: 0700, files 0400, replaced by rename and never written
//! again. Wasmtime maps the files that it loads, so a process that can write to a file can change running code.

use crate::trust::{Digest, SizedDigest};
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest as _, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

static TEMPORARIES: AtomicU32 = AtomicU32::new(0);

pub struct Disk {
    folder: PathBuf,
    uid: u32,
}

impl Disk {
    pub fn open(folder: &Path) -> Result<Disk> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let found = fs::symlink_metadata(folder)?;
        let uid = fs::metadata("/proc/self")?.uid();
        ensure!(
            found.is_dir() && found.uid() == uid && found.mode() & 0o077 == 0,
            "cache {}: expected a folder of mode 0700 of uid {uid}, found mode {:o} of uid {}",
            folder.display(),
            found.mode(),
            found.uid()
        );
        Ok(Disk { folder: folder.into(), uid })
    }

    pub fn file(&self, payload: &SizedDigest) -> PathBuf {
        self.folder.join(format!("{}.cwasm", payload.digest.hex()))
    }

    /// Finds the file of a payload and compares it with the signed size and digest. Removes a file that differs.
    pub fn verified(&self, payload: &SizedDigest) -> Result<Option<PathBuf>> {
        let path = self.file(payload);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let found = file.metadata()?;
        if found.uid() != self.uid || found.mode() & 0o222 != 0 {
            bail!("{}: expected a read-only file of uid {}", path.display(), self.uid);
        }
        if found.len() == payload.size && Digest::of_reader(&mut file)? == payload.digest {
            return Ok(Some(path));
        }
        eprintln!("precast-rust-host: {}: damaged; downloading it again", path.display());
        fs::remove_file(&path)?;
        Ok(None)
    }

    /// Stores a payload. Bytes that differ from the signed size or digest never get the payload's name.
    pub fn keep(&self, payload: &SizedDigest, from: &mut dyn Read) -> Result<PathBuf> {
        let number = TEMPORARIES.fetch_add(1, Ordering::Relaxed);
        let part = self.folder.join(format!(".part-{}-{number}", std::process::id()));
        let kept = self.write(payload, from, &part);
        if kept.is_err() {
            let _ = fs::remove_file(&part);
        }
        kept
    }

    fn write(&self, payload: &SizedDigest, from: &mut dyn Read, part: &Path) -> Result<PathBuf> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part)?;
        let mut sha256 = Sha256::new();
        let mut size = 0;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = from.read(&mut buffer)?;
            if n == 0 {
                break;
            }
            size += n as u64;
            ensure!(
                size <= payload.size,
                "payload {}: too large (expected the signed {} bytes)",
                payload.digest,
                payload.size
            );
            sha256.update(&buffer[..n]);
            file.write_all(&buffer[..n])?;
        }
        let found = SizedDigest { digest: Digest::finish(sha256), size };
        ensure!(found == *payload, "payload: expected {payload:?}, found {found:?}");
        file.set_permissions(fs::Permissions::from_mode(0o400))?;
        file.sync_all()?;
        let path = self.file(payload);
        fs::rename(part, &path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(path)
    }

    /// The highest policy version that this host has accepted. It refuses older versions.
    pub fn policy_version(&self) -> u64 {
        fs::read_to_string(self.folder.join("policy-version")).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    pub fn keep_policy_version(&self, version: u64) -> Result<()> {
        let part = self.folder.join(format!(".policy-{}", std::process::id()));
        fs::write(&part, version.to_string())?;
        Ok(fs::rename(part, self.folder.join("policy-version"))?)
    }
}
