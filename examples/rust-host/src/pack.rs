//! This host's engine as the command of an engine pack (`docs/explanation/packs.md`): its output has this
//! host's engine section, with any crate features.

use crate::engine;
use crate::trust::Digest;
use anyhow::{Context, Result, ensure};
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection};
use std::fs;
use std::path::Path;

const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// Exit code of a pack's command if the module cannot be compiled.
const REJECTED: u8 = 65;

pub fn compile(fuel: bool, from: &Path, to: &Path) -> Result<u8> {
    let wasm = fs::read(from).with_context(|| from.display().to_string())?;
    let engine = engine::engine(fuel)?;
    let compiled =
        if wasm.starts_with(&COMPONENT) { engine.precompile_component(&wasm) } else { engine.precompile_module(&wasm) };
    match compiled {
        Ok(cwasm) => {
            fs::write(to, cwasm).with_context(|| to.display().to_string())?;
            Ok(0)
        }
        Err(error) => {
            let message = format!("{error:#}");
            eprintln!("{}", serde_json::json!({"code": "invalid-module", "message": message}));
            Ok(REJECTED)
        }
    }
}

/// Prints the lane of the pack: profile `host` or `host-fuel`, for the CPU of this machine.
pub fn probe(fuel: bool) -> Result<u8> {
    let lane = serde_json::json!({
        "profile": if fuel { "host-fuel" } else { "host" },
        "engineHash": own_hash(fuel)?.to_string(),
        "target": format!("{}-unknown-linux-gnu+native", std::env::consts::ARCH),
        "format": crate::service::FORMAT,
    });
    println!("{}", serde_json::json!({ "lanes": [lane] }));
    Ok(0)
}

pub fn print_own_hash(fuel: bool) -> Result<u8> {
    println!("{}", own_hash(fuel)?);
    Ok(0)
}

pub fn print_hash(file: &Path) -> Result<u8> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    println!("{}", hash(&bytes).with_context(|| file.display().to_string())?);
    Ok(0)
}

fn own_hash(fuel: bool) -> Result<Digest> {
    hash(&engine::engine(fuel)?.precompile_module(&EMPTY_MODULE)?)
}

/// SHA-256 of the section `.wasmtime.engine`.
fn hash(cwasm: &[u8]) -> Result<Digest> {
    let elf = ElfFile64::<Endianness>::parse(cwasm).context("expected an ELF file that Wasmtime serialized")?;
    let mut sections = elf.sections().filter(|s| s.name() == Ok(".wasmtime.engine"));
    let section = sections.next().context("section .wasmtime.engine: not found")?;
    ensure!(sections.next().is_none(), "section .wasmtime.engine: found more than once");
    Ok(Digest::of(section.data()?))
}
