//! The requests of this host to Precast (`docs/wire-protocol.md`). The host does not trust the service: it verifies an
//! artifact with a policy that the root signed before it opens the artifact.

use crate::disk::Disk;
use crate::run;
use crate::trust::{Digest, Key, Lane, Policy, Root, SizedDigest, Verified};
use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};
use ureq::Agent;
use wasmtime::Engine;

/// Precast's name of the format of Wasmtime's serialized files.
pub const FORMAT: &str = "cwasm/1";

/// The probe of every lane.
const EMPTY_MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";
const PROBE_SECONDS: u32 = 60;

/// Longer waits are a matter of the compilation, not of a replica.
const RETRY_FOR: Duration = Duration::from_secs(20);
const AFTER_BREAK: Duration = Duration::from_millis(500);

const MAX_LANES: usize = 16;
const MAX_ANSWER: u64 = 64 << 20;
const MAX_PAYLOAD: u64 = 1 << 30;

pub struct Host {
    service: Service,
    policy: Policy,
    disk: Disk,
    tried: Vec<(Lane, Option<String>)>,
}

impl Host {
    /// Tries each lane of the wanted profiles, in the order of the profiles; within a profile, newer engines first.
    pub fn start(engine: &Engine, url: &str, root: &Root, cache: &Path, profiles: &[String]) -> Result<Host> {
        let service = Service::new(url);
        let disk = Disk::open(cache)?;
        let policy = root.open(&service.get("/v1/trust")?, disk.policy_version())?;
        disk.keep_policy_version(policy.version)?;
        let mut host = Host { service, policy, disk, tried: Vec::new() };
        for (lane, probe) in host.lanes(profiles)? {
            let opened = host.probe(&probe, &lane).and_then(|file| run::open(engine, &file));
            let refused = opened.err();
            host.tried.push((lane, refused.map(|error| format!("{error:#}"))));
        }
        Ok(host)
    }

    pub fn tried(&self) -> &[(Lane, Option<String>)] {
        &self.tried
    }

    fn lanes(&self, profiles: &[String]) -> Result<Vec<(Lane, Digest)>> {
        let answer: Value = serde_json::from_slice(&self.service.get("/v1/engines")?)?;
        let mut found = Vec::new();
        for lane in answer["lanes"].as_array().context("/v1/engines: no lanes")? {
            let profile = lane["profile"].as_str().unwrap_or_default();
            if lane["format"] == FORMAT
                && let Some(rank) = profiles.iter().position(|p| p == profile)
            {
                found.push((rank, Lane::parse(lane)?, Digest::parse(text(lane, "probe")?)?));
            }
        }
        found.sort_by(|(r, a, _), (s, b, _)| r.cmp(s).then_with(|| b.engine.cmp(&a.engine)));
        Ok(found.into_iter().map(|(_, lane, probe)| (lane, probe)).collect())
    }

    /// The verified file of a module, from the first lane that loads in this host and has the artifact.
    pub fn artifact(&self, module: &Digest) -> Result<PathBuf> {
        let lanes: Vec<&Lane> = self.tried.iter().filter(|(_, refused)| refused.is_none()).map(|(l, _)| l).collect();
        ensure!(!lanes.is_empty(), "lanes: none of {} loads in this host; `lanes` says why", self.tried.len());
        self.find(module, &lanes)
    }

    /// The probe of a lane. If the probe is absent, requests its compilation and waits.
    fn probe(&self, probe: &Digest, lane: &Lane) -> Result<PathBuf> {
        if self.lookup(probe, &[lane])?["state"] == "absent" {
            let path = format!("/v1/modules/{}", probe.hex());
            self.service.request("PUT", &path, Some(EMPTY_MODULE.to_vec()), document)?;
            let mut wanted = lane.to_json();
            wanted["module"] = json!(probe.to_string());
            self.service.post("/v1/compilations", &wanted)?;
        }
        self.find(probe, &[lane])
    }

    fn lookup(&self, module: &Digest, lanes: &[&Lane]) -> Result<Value> {
        let request = json!({"modules": [module.to_string()],
            "lanes": lanes.iter().take(MAX_LANES).map(|lane| lane.to_json()).collect::<Vec<_>>()});
        let mut answer: Value = serde_json::from_slice(&self.service.post("/v1/lookups", &request)?)?;
        Ok(answer["results"][0].take())
    }

    fn find(&self, module: &Digest, lanes: &[&Lane]) -> Result<PathBuf> {
        let result = &self.lookup(module, lanes)?;
        let state = text(result, "state")?;
        if state != "present" {
            let why = result["message"].as_str().unwrap_or("not compiled yet; run precast compile");
            bail!("module {module} is {state}: {why}");
        }
        let at = result["lane"].as_u64().context("lookup: no lane")? as usize;
        let lane = lanes.get(at).with_context(|| format!("lookup: found lane {at} of {}", lanes.len()))?;
        let key = Key { module: module.clone(), lane: (*lane).clone() };
        let envelope = serde_json::to_vec(&result["attestation"])?;
        let Verified { payload, format } = self.policy.verify(&envelope, &key)?;
        ensure!(format == FORMAT, "format: expected {FORMAT}, found {format} in the attestation");
        match self.disk.verified(&payload)? {
            Some(file) => Ok(file),
            None => self.download(text(result, "href")?, &payload),
        }
    }

    fn download(&self, href: &str, payload: &SizedDigest) -> Result<PathBuf> {
        ensure!(
            payload.size <= MAX_PAYLOAD,
            "payload: too large (expected at most {MAX_PAYLOAD} bytes, found {})",
            payload.size
        );
        self.service.request("GET", href, None, |answer| {
            self.disk.keep(payload, &mut answer.body_mut().with_config().limit(payload.size + 1).reader())
        })
    }
}

type Answer = ureq::http::Response<ureq::Body>;

struct Service {
    agent: Agent,
    url: String,
    token: Option<String>,
}

impl Service {
    fn new(url: &str) -> Service {
        let config = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(5)))
            .timeout_global(Some(Duration::from_secs(300)))
            .build();
        Service { agent: config.into(), url: url.into(), token: std::env::var("PRECAST_TOKEN").ok() }
    }

    fn get(&self, path: &str) -> Result<Vec<u8>> {
        self.request("GET", path, None, document)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Vec<u8>> {
        self.request("POST", path, Some(body.to_string().into_bytes()), document)
    }

    /// Sends a request and reads its answer; again while the service says that a retry may help (a replica stops, for
    /// example), or when the connection broke, because all requests of the protocol may be repeated.
    fn request<T>(
        &self,
        method: &str,
        path: &str,
        body: Option<Vec<u8>>,
        read: impl Fn(&mut Answer) -> Result<T>,
    ) -> Result<T> {
        ensure!(path.starts_with('/'), "{path}: expected a path of the service");
        let end = Instant::now() + RETRY_FOR;
        loop {
            let (pause, error) = match self.send(method, path, body.clone()) {
                Ok(mut answer) if matches!(answer.status().as_u16(), 200..=202) => match read(&mut answer) {
                    Ok(value) => return Ok(value),
                    Err(error) => (after_break(&error), error),
                },
                Ok(mut answer) => {
                    let detail = answer.body_mut().with_config().limit(1 << 16).read_to_string().unwrap_or_default();
                    (retry_after(&answer), anyhow!("{} {detail}", answer.status()))
                }
                Err(error) => {
                    let error = Error::from(error);
                    (after_break(&error), error)
                }
            };
            match pause {
                Some(pause) if Instant::now() + pause < end => sleep(pause),
                _ => return Err(error.context(format!("{method} {}{path}", self.url))),
            }
        }
    }

    fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        match body {
            Some(body) if method == "PUT" => {
                self.agent.run(request.header("Content-Type", "application/wasm").body(body)?)
            }
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.header("Prefer", format!("wait={PROBE_SECONDS}")).body(body)?)
            }
            None => self.agent.run(request.body(())?),
        }
    }
}

fn document(answer: &mut Answer) -> Result<Vec<u8>> {
    Ok(answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?)
}

/// How long the service asks to wait before the request may succeed; nothing if it would fail again.
fn retry_after(answer: &Answer) -> Option<Duration> {
    if !matches!(answer.status().as_u16(), 429 | 503) {
        return None;
    }
    Some(Duration::from_secs(answer.headers().get("Retry-After")?.to_str().ok()?.parse().ok()?))
}

/// A pause if a connection broke that had been open.
fn after_break(error: &Error) -> Option<Duration> {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>())?;
    let broke = matches!(
        io.kind(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
    );
    broke.then_some(AFTER_BREAK)
}

fn text<'a>(object: &'a Value, name: &str) -> Result<&'a str> {
    object[name].as_str().with_context(|| format!("answer: no text {name}"))
}
