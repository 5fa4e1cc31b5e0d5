//! The test vectors of the artifact format (`docs/vectors`), and how this host treats attestations that are signed with
//! the key of the vectors, which is public: RFC 8032, 7.1, test 1.

use super::*;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::json;
use time::Duration;

fn vector(name: &str) -> Value {
    let file = format!("{}/../../docs/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&file).expect(&file)).expect(&file)
}

fn texts(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn said<T>(result: Result<T>) -> String {
    format!("{:#}", result.err().expect("refused"))
}

/// Whether a text would be accepted as the signed payload.
fn is_canonical(text: &str) -> bool {
    serde_json::from_str(text).ok().and_then(|value| canonical(&value).ok()).is_some_and(|found| found == text)
}

#[test]
fn what_is_signed_is_canonical_json() {
    let vector = vector("canonical-json");
    for accepted in vector["accepted"].as_array().unwrap() {
        let canonical = accepted["canonical"].as_str().unwrap();
        assert!(is_canonical(canonical), "{canonical}");
        assert_eq!(Digest::of(canonical.as_bytes()).hex(), accepted["sha256"]);
        let text = accepted["text"].as_str().unwrap();
        assert_eq!(is_canonical(text), text == canonical, "{text}");
    }
    for refused in texts(&vector["refused"]) {
        assert!(!is_canonical(refused), "{refused}");
    }
}

#[test]
fn keys_have_the_digests_of_the_vectors() {
    for vector in vector("keys")["keys"].as_array().unwrap() {
        let key = key(vector);
        assert_eq!(key.digest().to_string(), vector["key"]);
        assert_eq!(key.lane.config, Digest::of(canonical(&vector["config"]).unwrap().as_bytes()));
    }
}

fn key(vector: &Value) -> Key {
    Key { module: Digest::parse(vector["module"].as_str().unwrap()).unwrap(), lane: Lane::parse(vector).unwrap() }
}

#[test]
fn envelopes_of_the_vectors_open_with_their_key_and_no_byte_may_change() {
    for (name, kind) in
        [("attestation", ATTESTATION), ("attestation-compressed", ATTESTATION), ("trust-policy", POLICY)]
    {
        let vector = vector(name);
        let (id, signer) = public_key(vector["publicKey"].as_str().unwrap()).unwrap();
        let bytes = serde_json::to_vec(&vector["envelope"]).unwrap();
        let envelope = Envelope::parse(&bytes, kind).unwrap();
        assert_eq!(envelope.key_id(), id.to_string());
        assert_eq!(canonical(&envelope.open(&signer).unwrap()).unwrap(), vector["payloadText"]);

        for at in (0..bytes.len()).step_by(13) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let opened = Envelope::parse(&changed, kind).and_then(|e| {
                ensure!(e.key_id() == id.to_string(), "another key");
                e.open(&signer)
            });
            assert!(opened.is_err(), "{name}: byte {at}");
        }
        let other = if kind == POLICY { ATTESTATION } else { POLICY };
        assert!(said(Envelope::parse(&bytes, other)).contains("expected"), "{name}");
    }
}

#[test]
fn the_policy_opens_with_its_root_and_never_goes_back() {
    let vector = vector("trust-policy");
    let root = Root::parse(vector["publicKey"].as_str().unwrap()).unwrap();
    let envelope = serde_json::to_vec(&vector["envelope"]).unwrap();

    let policy = root.open(&envelope, 7).unwrap();
    assert_eq!((policy.version, policy.floors.as_slice()), (7, ["chicory@1.7.5+1".to_string()].as_slice()));
    assert!(said(root.open(&envelope, 8)).contains("version 8 was seen before"));
    let another = Root::parse(&BASE64_STANDARD.encode(SigningKey::from_bytes(&[7; 32]).verifying_key())).unwrap();
    assert!(said(another.open(&envelope, 0)).contains("not by the root"));
}

#[test]
fn the_statement_of_the_vector_is_that_of_its_key_and_no_cwasm() {
    let vector = vector("attestation");
    let statement: Statement = serde_json::from_str(vector["payloadText"].as_str().unwrap()).unwrap();
    let key = statement.predicate.build_definition.external_parameters.key().unwrap();
    assert_eq!(key.digest(), Digest::of(vector["key"].as_str().unwrap().as_bytes()));
    assert!(said(statement.subjects()).contains("found [\"artifact-key\", \"payload\", \"index\"]"));
}

const BUILDER: &str = "https://builder.example/1";

fn signing_key() -> SigningKey {
    let hex = vector("attestation")["secretKeyHex"].as_str().unwrap().to_string();
    SigningKey::from_bytes(&Digest::parse_hex(&hex).unwrap().0)
}

/// What a worker would sign for a cwasm of the vectors' second key.
fn statement() -> Value {
    let vector = &vector("keys")["keys"][1];
    let hex = |text: &Value| json!({"sha256": text.as_str().unwrap().trim_start_matches("sha256:")});
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://slsa.dev/provenance/v1",
        "subject": [
            {"name": "artifact-key", "digest": hex(&vector["key"])},
            {"name": "payload", "digest": hex(&vector["module"]), "annotations": {"size": 6}}
        ],
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:precast:compile:v1",
                "externalParameters": {
                    "module": {"name": "module", "digest": hex(&vector["module"]), "annotations": {"size": 6}},
                    "engine": vector["engine"], "engineHash": vector["engineHash"], "config": vector["config"],
                    "target": vector["target"], "format": "cwasm/1"
                },
                "resolvedDependencies": [
                    {"name": "engine-pack", "digest": hex(&vector["engineHash"])}, {"name": "openjdk 25"}
                ]
            },
            "runDetails": {
                "builder": {"id": BUILDER},
                "metadata": {"startedOn": "2026-01-02T03:03:55Z", "finishedOn": "2026-01-02T03:04:04Z"}
            }
        }
    })
}

fn signed(statement: &Value) -> Vec<u8> {
    let payload = canonical(statement).unwrap();
    let text = format!("DSSEv1 {} {ATTESTATION} {} {payload}", ATTESTATION.len(), payload.len());
    let key = signing_key();
    serde_json::to_vec(&json!({
        "payload": BASE64_STANDARD.encode(&payload), "payloadType": ATTESTATION,
        "signatures": [{
            "keyid": Digest::of(key.verifying_key().as_bytes()).to_string(),
            "sig": BASE64_STANDARD.encode(key.sign(text.as_bytes()).to_bytes())
        }]
    }))
    .unwrap()
}

/// A policy that is valid for an hour, with the vectors' key for everything that the builder signs.
fn policy() -> Policy {
    let time = |minutes: i64| {
        let then = OffsetDateTime::now_utc() + Duration::minutes(minutes);
        then.replace_nanosecond(0).unwrap().format(&Rfc3339).unwrap()
    };
    Policy {
        version: 1,
        _issued_at: time(-60),
        expires_at: time(60),
        _grace_seconds: 0,
        keys: vec![TrustedKey {
            public_key: BASE64_STANDARD.encode(signing_key().verifying_key()),
            builder: BUILDER.into(),
            engines: vec![],
            targets: vec![],
            not_before: time(-60),
            not_after: time(60),
        }],
        floors: vec![],
        denied_digests: vec![],
        _extra_members: vec![],
    }
}

fn asked() -> Key {
    key(&vector("keys")["keys"][1])
}

#[test]
fn an_attestation_that_is_asked_for_and_allowed_names_its_payload() {
    let verified = policy().verify(&signed(&statement()), &asked()).unwrap();

    assert_eq!(verified.format, "cwasm/1");
    assert_eq!(verified.payload, SizedDigest { digest: asked().module, size: 6 });
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let mut other = asked();
    other.lane.target = "x86_64-unknown-linux-gnu".into();
    assert!(said(policy().verify(&signed(&statement()), &other)).starts_with("key: asked for"));

    let mut lying = statement();
    lying["predicate"]["buildDefinition"]["externalParameters"]["target"] = json!("x86_64-unknown-linux-gnu");
    assert!(said(policy().verify(&signed(&lying), &other)).contains("is not that of its parameters"));

    let mut more = statement();
    more["predicate"]["more"] = json!(1);
    assert!(said(policy().verify(&signed(&more), &asked())).contains("unknown field"));
}

#[test]
fn what_the_policy_does_not_allow_is_refused() {
    let refused = |change: &dyn Fn(&mut Policy)| {
        let mut policy = policy();
        change(&mut policy);
        said(policy.verify(&signed(&statement()), &asked()))
    };
    let long_ago = "2026-01-02T03:04:05Z";
    assert!(refused(&|p| p.keys.clear()).contains("trusts no key"));
    assert!(refused(&|p| p.expires_at = long_ago.into()).contains("expired"));
    assert!(refused(&|p| p.keys[0].not_after = long_ago.into()).contains("trusted from"));
    assert!(refused(&|p| p.keys[0].builder = "another".into()).contains("signs for builder"));
    assert!(refused(&|p| p.keys[0].engines = vec!["wasmtime".into()]).contains("signs for engines"));
    assert!(refused(&|p| p.keys[0].targets = vec!["jvm".into()]).contains("signs for targets"));
    assert!(refused(&|p| p.floors = vec!["chicory@1.7.6+1".into()]).contains("below the floor"));
    assert!(refused(&|p| p.denied_digests = vec![asked().module.to_string()]).contains("is denied"));
}
