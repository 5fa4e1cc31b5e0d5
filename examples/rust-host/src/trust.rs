//! What may be loaded: `docs/artifact-format.md`, "Envelope", "Attestation" and "Trust policy".

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::cmp::Ordering;
use std::fmt;
use std::io::Read;
use std::path::Path;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[cfg(test)]
mod tests;

const MAX_ENVELOPE: usize = 262_144;
const MAX_LEVELS: usize = 64;
const ATTESTATION: &str = "application/vnd.in-toto+json";
const POLICY: &str = "application/vnd.precast.trust-policy.v1+json";

/// SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(Sha256::digest(bytes).into())
    }

    pub fn finish(sha256: Sha256) -> Digest {
        Digest(sha256.finalize().into())
    }

    pub fn of_reader(from: &mut dyn Read) -> Result<Digest> {
        let mut sha256 = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        loop {
            let n = from.read(&mut buffer)?;
            if n == 0 {
                return Ok(Digest::finish(sha256));
            }
            sha256.update(&buffer[..n]);
        }
    }

    pub fn of_file(path: &Path) -> Result<Digest> {
        Digest::of_reader(&mut std::fs::File::open(path)?)
    }

    /// `sha256:` and 64 lower-case digits.
    pub fn parse(text: &str) -> Result<Digest> {
        Digest::parse_hex(
            text.strip_prefix("sha256:").with_context(|| format!("digest: expected sha256:…, found {text}"))?,
        )
    }

    fn parse_hex(hex: &str) -> Result<Digest> {
        ensure!(
            hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')),
            "digest: expected 64 lower-case hexadecimal digits, found {hex}"
        );
        let mut raw = [0; 32];
        for (i, byte) in raw.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16)?;
        }
        Ok(Digest(raw))
    }

    pub fn hex(&self) -> String {
        self.0.iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "sha256:{}", self.hex())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizedDigest {
    pub digest: Digest,
    pub size: u64,
}

/// `name@version+revision`. Versions compare as those of Java modules do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineId {
    name: String,
    version: String,
    revision: u32,
}

impl EngineId {
    fn parse(text: &str) -> Result<EngineId> {
        let parts = text.split_once('@').and_then(|(name, rest)| Some((name, rest.rsplit_once('+')?)));
        let (name, (version, revision)) =
            parts.with_context(|| format!("engine: expected name@version+revision, found {text}"))?;
        Ok(EngineId { name: name.into(), version: version.into(), revision: revision.parse()? })
    }
}

impl fmt::Display for EngineId {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}@{}+{}", self.name, self.version, self.revision)
    }
}

impl PartialOrd for EngineId {
    fn partial_cmp(&self, other: &EngineId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EngineId {
    fn cmp(&self, other: &EngineId) -> Ordering {
        self.name
            .cmp(&other.name)
            .then_with(|| compare_versions(&self.version, &other.version))
            .then_with(|| self.revision.cmp(&other.revision))
            .then_with(|| self.version.cmp(&other.version))
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Token<'a> {
    Number(u64),
    Text(&'a str),
}

/// Splits the part of a version before or after its first `-` into numbers and texts.
fn tokens(part: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for piece in part.split(['.', '-']) {
        let mut rest = piece;
        while let Some(first) = rest.chars().next() {
            let digit = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digit).unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            found.push(token.parse().map_or(Token::Text(token), Token::Number));
            rest = after;
        }
    }
    found
}

fn compare_versions(a: &str, b: &str) -> Ordering {
    fn compare(a: &[Token], b: &[Token]) -> Ordering {
        let common = a.len().min(b.len());
        let nothing = |rest: &[Token]| rest.iter().all(|token| *token == Token::Number(0));
        a[..common].cmp(&b[..common]).then_with(|| match (nothing(&a[common..]), nothing(&b[common..])) {
            (false, _) => Ordering::Greater,
            (_, false) => Ordering::Less,
            _ => Ordering::Equal,
        })
    }
    let (main_a, pre_a) = a.split_once('-').unwrap_or((a, ""));
    let (main_b, pre_b) = b.split_once('-').unwrap_or((b, ""));
    compare(&tokens(main_a), &tokens(main_b)).then_with(|| match (pre_a.is_empty(), pre_b.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare(&tokens(pre_a), &tokens(pre_b)),
    })
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub engine: EngineId,
    engine_hash: Digest,
    config: Digest,
    target: String,
}

impl Lane {
    /// From `GET /v1/engines`.
    pub fn parse(lane: &Value) -> Result<Lane> {
        let text = |name: &str| lane[name].as_str().with_context(|| format!("lane: no text {name}"));
        Ok(Lane {
            engine: EngineId::parse(text("engine")?)?,
            engine_hash: Digest::parse(text("engineHash")?)?,
            config: Digest::parse(text("configHash")?)?,
            target: text("target")?.into(),
        })
    }

    /// For `POST /v1/lookups`.
    pub fn to_json(&self) -> Value {
        serde_json::json!({"engine": self.engine.to_string(), "engineHash": self.engine_hash.to_string(),
            "config": self.config.to_string(), "target": self.target})
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} {} config {} {}", self.engine, self.engine_hash, self.config, self.target)
    }
}

pub struct Key {
    pub module: Digest,
    pub lane: Lane,
}

impl Key {
    fn digest(&self) -> Digest {
        let Lane { engine, engine_hash, config, target } = &self.lane;
        let text = format!(
            "precast/artifact-key/v1\nmodule {}\nengine {engine}\nengine-hash {engine_hash}\nconfig {config}\ntarget {target}\n",
            self.module
        );
        Digest::of(text.as_bytes())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvelopeSignature {
    keyid: String,
    sig: String,
}

impl Envelope {
    fn parse(bytes: &[u8], payload_type: &str) -> Result<Envelope> {
        ensure!(bytes.len() <= MAX_ENVELOPE, "envelope: at most {MAX_ENVELOPE} bytes, found {}", bytes.len());
        let envelope: Envelope = serde_json::from_slice(bytes).context("envelope")?;
        ensure!(
            envelope.signatures.len() == 1,
            "envelope: expected one signature, found {}",
            envelope.signatures.len()
        );
        ensure!(
            envelope.payload_type == payload_type,
            "envelope: expected {payload_type}, found {}",
            envelope.payload_type
        );
        Ok(envelope)
    }

    fn key_id(&self) -> &str {
        &self.signatures[0].keyid
    }

    /// Verifies the signature with this key and returns the payload, which must be canonical JSON.
    fn open(&self, key: &VerifyingKey) -> Result<Value> {
        let payload = BASE64_STANDARD.decode(&self.payload).context("envelope: payload")?;
        let mut signed =
            format!("DSSEv1 {} {} {} ", self.payload_type.len(), self.payload_type, payload.len()).into_bytes();
        signed.extend_from_slice(&payload);
        let signature = Signature::from_slice(&BASE64_STANDARD.decode(&self.signatures[0].sig)?)?;
        key.verify_strict(&signed, &signature).with_context(|| format!("signature: not by key {}", self.key_id()))?;
        let value: Value = serde_json::from_slice(&payload).context("payload")?;
        ensure!(canonical(&value)?.as_bytes() == payload, "payload: not canonical JSON");
        Ok(value)
    }
}

/// RFC 8785 with integers only.
fn canonical(value: &Value) -> Result<String> {
    canonical_within(value, MAX_LEVELS)
}

fn canonical_within(value: &Value, levels: usize) -> Result<String> {
    let inner = |value: &Value| canonical_within(value, levels - 1);
    Ok(match value {
        Value::Number(number) => {
            let limit = (1_i64 << 53) - 1;
            ensure!(
                number.as_i64().is_some_and(|n| (-limit..=limit).contains(&n)),
                "number {number}: expected an integer"
            );
            number.to_string()
        }
        Value::Array(_) | Value::Object(_) if levels == 0 => bail!("JSON: more than {MAX_LEVELS} levels"),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(inner).collect::<Result<Vec<_>>>()?.join(","))
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.encode_utf16().cmp(b.0.encode_utf16()));
            let text =
                |(name, value): (&String, &Value)| Ok(format!("{}:{}", serde_json::to_string(name)?, inner(value)?));
            format!("{{{}}}", sorted.into_iter().map(text).collect::<Result<Vec<_>>>()?.join(","))
        }
        _ => serde_json::to_string(value)?,
    })
}

fn public_key(base64: &str) -> Result<(Digest, VerifyingKey)> {
    let raw: [u8; 32] = BASE64_STANDARD.decode(base64.trim())?.try_into().ok().context("key: expected 32 bytes")?;
    Ok((Digest::of(&raw), VerifyingKey::from_bytes(&raw)?))
}

fn time(text: &str) -> Result<OffsetDateTime> {
    ensure!(text.len() == 20 && text.ends_with('Z'), "time: expected 2026-01-02T03:04:05Z, found {text}");
    OffsetDateTime::parse(text, &Rfc3339).with_context(|| format!("time {text}"))
}

/// The offline root, given to hosts out of band.
pub struct Root {
    id: Digest,
    key: VerifyingKey,
}

impl Root {
    /// Reads the root from a file with the key, or from the key in base64.
    pub fn parse(text: &str) -> Result<Root> {
        let base64 = std::fs::read_to_string(text).unwrap_or_else(|_| text.into());
        let (id, key) = public_key(&base64).with_context(|| format!("trust root {text}"))?;
        Ok(Root { id, key })
    }

    /// Verifies a policy. Refuses a version below `lowest`.
    pub fn open(&self, envelope: &[u8], lowest: u64) -> Result<Policy> {
        let envelope = Envelope::parse(envelope, POLICY).context("trust policy")?;
        ensure!(
            Digest::parse(envelope.key_id())? == self.id,
            "trust policy: signed by {}, not by the root",
            envelope.key_id()
        );
        let policy: Policy = serde_json::from_value(envelope.open(&self.key)?).context("trust policy")?;
        ensure!(policy.version >= lowest, "trust policy: version {}, version {lowest} was seen before", policy.version);
        Ok(policy)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    pub version: u64,
    #[serde(rename = "issuedAt")]
    _issued_at: String,
    expires_at: String,
    #[serde(rename = "graceSeconds")]
    _grace_seconds: u64, // Unused: this host fetches the policy at every start.
    keys: Vec<TrustedKey>,
    floors: Vec<String>,
    denied_digests: Vec<String>,
    #[serde(rename = "extraMembers")]
    _extra_members: Vec<String>, // Unused: for JVM engines only.
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct TrustedKey {
    public_key: String,
    builder: String,
    engines: Vec<String>,
    targets: Vec<String>,
    not_before: String,
    not_after: String,
}

/// An artifact whose attestation is verified. Its payload must still be compared before it is loaded.
pub struct Verified {
    pub payload: SizedDigest,
    pub format: String,
}

impl Policy {
    /// Makes all checks of the artifact format that come before the check of the payload.
    pub fn verify(&self, envelope: &[u8], asked: &Key) -> Result<Verified> {
        let envelope = Envelope::parse(envelope, ATTESTATION)?;
        let (key, signer) = self.find(envelope.key_id())?;
        let statement: Statement = serde_json::from_value(envelope.open(&signer)?).context("statement")?;
        let parameters = &statement.predicate.build_definition.external_parameters;
        let attested = parameters.key()?;
        let (digest, payload) = statement.subjects()?;
        ensure!(digest == attested.digest(), "statement: key {digest} is not that of its parameters");
        ensure!(digest == asked.digest(), "key: asked for {}, found {digest} in the attestation", asked.digest());
        let pack = statement.dependencies()?;
        key.require_scope(&statement.predicate.run_details.builder.id, &attested.lane)?;
        self.require_allowed(&attested, &pack, &payload)?;
        Ok(Verified { payload, format: parameters.format.clone() })
    }

    fn find(&self, id: &str) -> Result<(&TrustedKey, VerifyingKey)> {
        for key in &self.keys {
            let (found, signer) = public_key(&key.public_key)?;
            if found.to_string() == id {
                return Ok((key, signer));
            }
        }
        bail!("signature: policy {} trusts no key {id}", self.version)
    }

    fn require_allowed(&self, key: &Key, pack: &Digest, payload: &SizedDigest) -> Result<()> {
        ensure!(
            OffsetDateTime::now_utc() < time(&self.expires_at)?,
            "policy {} expired at {}",
            self.version,
            self.expires_at
        );
        for floor in &self.floors {
            let floor = EngineId::parse(floor)?;
            let engine = &key.lane.engine;
            ensure!(
                floor.name != engine.name || *engine >= floor,
                "policy: engine {engine} is below the floor {floor}"
            );
        }
        for denied in [&key.module, pack, &payload.digest] {
            ensure!(!self.denied_digests.contains(&denied.to_string()), "policy: {denied} is denied");
        }
        Ok(())
    }
}

impl TrustedKey {
    fn require_scope(&self, builder: &str, lane: &Lane) -> Result<()> {
        let within = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        ensure!(self.builder == builder, "key signs for builder {}, not for {builder}", self.builder);
        ensure!(
            within(&self.engines, &lane.engine.name),
            "key signs for engines {:?}, not for {}",
            self.engines,
            lane.engine
        );
        ensure!(
            within(&self.targets, &lane.target),
            "key signs for targets {:?}, not for {}",
            self.targets,
            lane.target
        );
        let now = OffsetDateTime::now_utc();
        ensure!(
            time(&self.not_before)? <= now && now < time(&self.not_after)?,
            "key is trusted from {} to {}",
            self.not_before,
            self.not_after
        );
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    predicate_type: String,
    subject: Vec<Subject>,
    predicate: Predicate,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Subject {
    name: String,
    digest: Sha256Set,
    annotations: Option<Annotations>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sha256Set {
    sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Annotations {
    size: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Predicate {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    external_parameters: Parameters,
    resolved_dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dependency {
    name: String,
    digest: Option<Sha256Set>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Parameters {
    module: Subject,
    engine: String,
    engine_hash: String,
    config: Value,
    target: String,
    format: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunDetails {
    builder: Builder,
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Builder {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Metadata {
    started_on: String,
    finished_on: String,
}

impl Parameters {
    fn key(&self) -> Result<Key> {
        ensure!(self.config.is_object(), "statement: config is no object");
        Ok(Key {
            module: Digest::parse_hex(&self.module.digest.sha256)?,
            lane: Lane {
                engine: EngineId::parse(&self.engine)?,
                engine_hash: Digest::parse(&self.engine_hash)?,
                config: Digest::of(canonical(&self.config)?.as_bytes()),
                target: self.target.clone(),
            },
        })
    }
}

impl Statement {
    /// The key digest and the payload, from the subjects `artifact-key` and `payload`. Allows `payload.zst` too.
    fn subjects(&self) -> Result<(Digest, SizedDigest)> {
        ensure!(
            self.kind == "https://in-toto.io/Statement/v1"
                && self.predicate_type == "https://slsa.dev/provenance/v1"
                && self.predicate.build_definition.build_type == "urn:precast:compile:v1",
            "statement: unexpected type"
        );
        time(&self.predicate.run_details.metadata.started_on)?;
        time(&self.predicate.run_details.metadata.finished_on)?;
        let names: Vec<&str> = self.subject.iter().map(|s| s.name.as_str()).collect();
        ensure!(
            matches!(names[..], ["artifact-key", "payload"] | ["artifact-key", "payload", "payload.zst"]),
            "statement: expected subjects artifact-key, payload and perhaps payload.zst, found {names:?}"
        );
        let size = self.subject[1].annotations.as_ref().context("statement: payload has no size")?.size;
        Ok((
            Digest::parse_hex(&self.subject[0].digest.sha256)?,
            SizedDigest { digest: Digest::parse_hex(&self.subject[1].digest.sha256)?, size },
        ))
    }

    /// The digest of the engine pack.
    fn dependencies(&self) -> Result<Digest> {
        match &self.predicate.build_definition.resolved_dependencies[..] {
            [Dependency { name, digest: Some(digest) }, Dependency { digest: None, .. }] if name == "engine-pack" => {
                Digest::parse_hex(&digest.sha256)
            }
            _ => bail!("statement: expected an engine pack and what ran it"),
        }
    }
}
