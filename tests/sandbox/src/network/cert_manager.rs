//! cert-manager: it makes the Secrets of Certificates, signed by themselves or by the authority of their Issuer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::{Value, json};

use crate::objects;
use crate::site::Site;
use crate::store::{Key, now};

const GROUP: &str = "cert-manager.io";
/// What a Secret was made for, to notice that the Certificate asks for something else now.
const MADE_FOR: &str = "sandbox.promfed.dev/certificate";

/// Issues the Certificates of a cluster.
pub async fn run(site: Site) {
    let mut versions = site.store.versions();
    loop {
        versions.borrow_and_update();
        for issuer in site.store.list(GROUP, "issuers", None).0 {
            let ready = issuer["spec"]["ca"]["secretName"]
                .as_str()
                .is_none_or(|name| secret(&site, &issuer, name).is_some());
            report(&site, &issuer, ready);
        }
        for certificate in site.store.list(GROUP, "certificates", None).0 {
            let ready = issue(&site, &certificate).is_some();
            report(&site, &certificate, ready);
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}

fn secret(site: &Site, beside: &Value, name: &str) -> Option<Value> {
    site.store.get(&Key::namespaced("", "secrets", objects::namespace(beside), name))
}

/// Makes the Secret if there is none that fits. `None` when it cannot be made yet.
fn issue(site: &Site, certificate: &Value) -> Option<()> {
    let name = certificate["spec"]["secretName"].as_str()?;
    let authority = authority(site, certificate)?;
    let signer = match &authority {
        Authority::Own => Value::Null,
        Authority::Secret(secret) => secret["data"]["tls.crt"].clone(),
    };
    let made_for = json!([certificate["spec"], signer]).to_string();
    let existing = secret(site, certificate, name);
    if existing.is_some_and(|secret| secret["metadata"]["annotations"][MADE_FOR] == made_for.as_str()) {
        return Some(());
    }
    let data = sign(certificate, &authority)?;
    objects::ensure(
        &site.store,
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": objects::namespace(certificate)},
            "type": "kubernetes.io/tls",
            "data": data,
        }),
    );
    let key = Key::namespaced("", "secrets", objects::namespace(certificate), name);
    let annotate = |secret: &mut Value| {
        secret["metadata"]["annotations"] = json!({
            "cert-manager.io/certificate-name": objects::name(certificate),
            "cert-manager.io/issuer-name": certificate["spec"]["issuerRef"]["name"],
            MADE_FOR: made_for,
        });
    };
    site.store.modify(&key, None, annotate).ok().map(drop)
}

enum Authority {
    /// The certificate signs itself.
    Own,
    /// The Secret of an authority.
    Secret(Value),
}

fn authority(site: &Site, certificate: &Value) -> Option<Authority> {
    let name = certificate["spec"]["issuerRef"]["name"].as_str()?;
    let issuer = site.store.get(&Key::namespaced(GROUP, "issuers", objects::namespace(certificate), name))?;
    match issuer["spec"]["ca"]["secretName"].as_str() {
        Some(name) => secret(site, certificate, name).map(Authority::Secret),
        None => issuer["spec"]["selfSigned"].is_object().then_some(Authority::Own),
    }
}

fn sign(certificate: &Value, authority: &Authority) -> Option<Value> {
    let params = params(&certificate["spec"])?;
    let key = KeyPair::generate().ok()?;
    let (pem, ca) = match authority {
        Authority::Own => {
            let pem = params.self_signed(&key).ok()?.pem();
            (pem.clone(), pem)
        }
        Authority::Secret(secret) => {
            let text =
                |name: &str| String::from_utf8(STANDARD.decode(secret["data"][name].as_str()?).ok()?).ok();
            let signer = KeyPair::from_pem(&text("tls.key")?).ok()?;
            let made_for = secret["metadata"]["annotations"][MADE_FOR].as_str()?;
            let signer_spec: Value = serde_json::from_str::<Value>(made_for).ok()?[0].take();
            let issuer = Issuer::new(self::params(&signer_spec)?, signer);
            (params.signed_by(&key, &issuer).ok()?.pem(), text("tls.crt")?)
        }
    };
    Some(json!({
        "tls.crt": STANDARD.encode(pem),
        "tls.key": STANDARD.encode(key.serialize_pem()),
        "ca.crt": STANDARD.encode(ca),
    }))
}

fn params(spec: &Value) -> Option<CertificateParams> {
    let names: Vec<String> =
        objects::items(&spec["dnsNames"]).filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let mut params = CertificateParams::new(names).ok()?;
    if let Some(name) = spec["commonName"].as_str() {
        params.distinguished_name.push(DnType::CommonName, name);
    }
    if spec["isCA"] == true {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    } else {
        params.use_authority_key_identifier_extension = true;
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    }
    Some(params)
}

fn report(site: &Site, object: &Value, ready: bool) {
    let Some(key) = objects::key(object) else { return };
    let status = if ready { "True" } else { "False" };
    let before = objects::condition(object, "Ready").filter(|before| before["status"] == status);
    let time = before.map_or_else(|| json!(now()), |before| before["lastTransitionTime"].clone());
    let message = if ready { "is up to date and has not expired" } else { "is not ready yet" };
    let condition = json!({
        "type": "Ready",
        "status": status,
        "reason": if ready { "Ready" } else { "DoesNotExist" },
        "message": format!("{} {message}", object["kind"].as_str().unwrap_or_default()),
        "lastTransitionTime": time,
        "observedGeneration": object["metadata"]["generation"],
    });
    site.store.modify(&key, None, |object| object["status"]["conditions"] = json!([condition])).ok();
}
