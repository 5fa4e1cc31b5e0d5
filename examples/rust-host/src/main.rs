//! A Wasmtime host that runs artifacts of Precast. It is written from `docs/wire-protocol.md` and
//! `docs/artifact-format.md`, and is short enough to be read whole:
//!
//! - `engine` the one function that makes an engine, for running and for compiling
//! - `trust` envelopes, the signed policy, attestations: what may be loaded
//! - `service` the calls to Precast
//! - `disk` verified files, which no other user can change
//! - `run` a WASI command, module or component
//! - `pack` the same engine as a command that Precast's workers run

mod disk;
mod engine;
mod pack;
mod run;
mod service;
mod trust;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "usage:
  precast-rust-host run [--fuel] [--service URL] [--trust-root FILE|KEY] [--cache DIR] [--lanes NAME,…] FILE|DIGEST [ARG…]
  precast-rust-host lanes [same options]                 which lanes of the service load in this host
  precast-rust-host compile [--fuel] IN OUT              the command of an engine pack
  precast-rust-host probe [--fuel]                       prints the lane of that pack
  precast-rust-host engine-hash [--fuel] [FILE.cwasm]    engine hash of a file, or of this host's own engine

PRECAST_URL and PRECAST_TRUST_ROOT are the defaults of --service and --trust-root; PRECAST_TOKEN is sent to the service.
Exit codes: that of the module, 65 if a module cannot be compiled, 2 usage, 1 anything else.";

struct Options {
    fuel: bool,
    service: String,
    trust_root: Option<String>,
    cache: PathBuf,
    lanes: Vec<String>,
    rest: Vec<String>,
}

fn options(arguments: impl Iterator<Item = String>) -> Result<Options> {
    let variable = |name: &str| std::env::var(name).ok();
    let home = variable("HOME").unwrap_or_else(|| ".".into());
    let mut found = Options {
        fuel: false,
        service: variable("PRECAST_URL").unwrap_or_else(|| "http://127.0.0.1:8077".into()),
        trust_root: variable("PRECAST_TRUST_ROOT"),
        cache: PathBuf::from(home).join(".cache/precast-rust-host"),
        lanes: Vec::new(),
        rest: Vec::new(),
    };
    let mut arguments = arguments.peekable();
    while let Some(name) = arguments.next_if(|a| a.starts_with("--") && a != "--") {
        let mut value = || arguments.next().with_context(|| format!("{name}: expected a value"));
        match name.as_str() {
            "--fuel" => found.fuel = true,
            "--service" => found.service = value()?.trim_end_matches('/').to_string(),
            "--trust-root" => found.trust_root = Some(value()?),
            "--cache" => found.cache = PathBuf::from(value()?),
            "--lanes" => found.lanes = value()?.split(',').map(String::from).collect(),
            _ => bail!("{name}: unknown option\n{USAGE}"),
        }
    }
    if found.lanes.is_empty() {
        // The C API's profiles have no fuel.
        let wanted: &[&str] = if found.fuel { &["host-fuel"] } else { &["host", "cranelift", "portable"] };
        found.lanes = wanted.iter().map(|name| name.to_string()).collect();
    }
    found.rest = arguments.filter(|a| a != "--").collect();
    Ok(found)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let done = options(arguments).and_then(|options| match (command.as_str(), options.rest.as_slice()) {
        ("run", [module, arguments @ ..]) => run_module(&options, module, arguments),
        ("lanes", []) => print_lanes(&options),
        ("compile", [from, to]) => pack::compile(options.fuel, from.as_ref(), to.as_ref()),
        ("probe", []) => pack::probe(options.fuel),
        ("engine-hash", []) => pack::print_own_hash(options.fuel),
        ("engine-hash", [file]) => pack::print_hash(file.as_ref()),
        _ => {
            eprintln!("{USAGE}");
            Ok(2)
        }
    });
    done.map_or_else(
        |error| {
            eprintln!("precast-rust-host: {error:#}");
            ExitCode::FAILURE
        },
        ExitCode::from,
    )
}

/// Reads the policy and tries the probe of each lane whose profile is one of the wanted names.
fn start(options: &Options) -> Result<(wasmtime::Engine, service::Host)> {
    let root = trust::Root::parse(
        options
            .trust_root
            .as_deref()
            .context("trust root: not set; use --trust-root or PRECAST_TRUST_ROOT (the service never sends it)")?,
    )?;
    let engine = engine::engine(options.fuel)?;
    let host = service::Host::start(&engine, &options.service, &root, &options.cache, &options.lanes)?;
    Ok((engine, host))
}

fn print_lanes(options: &Options) -> Result<u8> {
    let (_, host) = start(options)?;
    for (lane, verdict) in host.tried() {
        match verdict {
            None => println!("loads    {lane}"),
            Some(reason) => println!("refused  {lane}\n           {reason}"),
        }
    }
    Ok(0)
}

fn run_module(options: &Options, module: &str, arguments: &[String]) -> Result<u8> {
    let from = Instant::now();
    let digest = match trust::Digest::parse(module) {
        Ok(digest) => digest,
        Err(_) => trust::Digest::of_file(module.as_ref()).with_context(|| format!("module {module}"))?,
    };
    let (engine, host) = start(options)?;
    let started = from.elapsed();
    let file = host.artifact(&digest)?;
    let code = run::open(&engine, &file)?;
    if std::env::var_os("PRECAST_TIMES").is_some() {
        eprintln!("start and probes {started:?}, ready after {:?}", from.elapsed());
    }
    run::command(&engine, &code, options.fuel, module, arguments)
}
