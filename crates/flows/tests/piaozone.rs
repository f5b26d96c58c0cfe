//! S62: the check of a configuration file names the setting that is wrong.

#![allow(clippy::unwrap_used)] // the lint spares test functions only

use std::path::PathBuf;

use erplink::config::Loader;
use erplink_sandbox::Sandbox;
use erplink_sandbox::piaozone::Quirks;

/// A file that goes away with the test.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

/// What `erplink check` finds after these texts of the file or of its secrets are replaced.
async fn problems(sandbox: &Sandbox, name: &str, changes: &[(&str, &str)]) -> Vec<String> {
    let piaozone = sandbox.piaozone();
    let changed =
        |text: String| changes.iter().fold(text, |text, (from, to)| text.replace(from, to));
    let text = format!(
        r#"
[[companies]]
name = "C"
flows = []
[companies.piaozone]
base_url = "{url}"
client_id = "{id}"
client_secret = "${{SECRET}}"
encrypt_key = "${{KEY}}"
tax_number = "91320200MA1XXXXX0X"
company_name = "无锡样例科技有限公司"
[companies.piaozone.eas]
services = "{services}"
data_center = "{center}"
user = "{user}"
password = "${{PASSWORD}}"
"#,
        url = piaozone.url(),
        id = piaozone.client_id(),
        services = piaozone.eas_services(),
        center = piaozone.eas_data_center(),
        user = piaozone.eas_user(),
    );
    let path = std::env::temp_dir().join(format!("erplink-s62-{}-{name}.toml", std::process::id()));
    std::fs::write(&path, changed(text)).unwrap();
    let file = File(path);
    let (secret, key) = (piaozone.client_secret(), piaozone.encrypt_key());
    let password = piaozone.eas_password();
    let variable = |name: &str| match name {
        "SECRET" => Some(changed(secret.to_owned())),
        "KEY" => Some(changed(key.to_owned())),
        "PASSWORD" => Some(changed(password.to_owned())),
        _ => None,
    };
    let config = Loader::default().environment(variable).read(&file.0).unwrap();
    let findings = config.companies[0].check().await;
    assert_eq!(findings.len(), 3, "{findings:?}");
    let problem =
        |one: &erplink::scenario::Finding| Some(format!("{}: {}", one.what, one.problem.as_ref()?));
    findings.iter().filter_map(problem).collect()
}

#[tokio::test]
async fn every_wrong_value_is_named() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let piaozone = sandbox.piaozone();
    let (id, secret) = (piaozone.client_id(), piaozone.client_secret());
    let (center, user) = (piaozone.eas_data_center(), piaozone.eas_user());
    assert_eq!(problems(&sandbox, "right", &[]).await, Vec::<String>::new());
    assert_eq!((piaozone.token_count(), piaozone.eas_login_count()), (1, 1), "it asks once");
    for (name, changes, expected) in [
        ("id", vec![(id, "other")], vec!["piaozone token: check `client_id` and `client_secret`"]),
        (
            "swapped",
            vec![(secret, "SWAP"), (id, secret), ("SWAP", id)],
            vec!["piaozone token: `client_id` and `client_secret` are swapped"],
        ),
        (
            "blank",
            vec![(id, "sandbox-piaozone-id ")],
            vec![
                "piaozone settings: `client_id` has a blank at its end",
                "piaozone token: `client_id` or `client_secret` has a blank at an end",
            ],
        ),
        (
            "key",
            vec![("sandbox-key-0123", "short")],
            vec!["piaozone settings: `encrypt_key` has 5"],
        ),
        ("tax", vec![("91320200MA1XXXXX0X", "9132 0200")], vec!["piaozone settings: `tax_number`"]),
        (
            "host",
            vec![(&*piaozone.url(), "http://127.0.0.1:1")],
            vec!["piaozone token: check `base_url`"],
        ),
        (
            "prefix",
            vec![("/ormrpc/services/", "/ormrpc/")],
            vec![
                "piaozone settings: `eas.services`",
                "piaozone eas: check `eas.services` (the path)",
            ],
        ),
        ("user", vec![(user, "nobody")], vec!["piaozone eas: check `eas.data_center`, `eas.user`"]),
    ] {
        let found = problems(&sandbox, name, &changes).await;
        assert_eq!(found.len(), expected.len(), "{name}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{name}: {found}");
            assert!(!found.contains(secret) && !found.contains(piaozone.eas_password()), "{found}");
        }
    }
    piaozone.set_quirks(Quirks { eas_says_why: true, enc_type: Some(2), ..Quirks::default() });
    let found = problems(&sandbox, "words", &[(center, "OTHER")]).await;
    assert_eq!(found[0], "piaozone token: `enc_type` has to be hmac_sha256");
    assert!(found[1].starts_with("piaozone eas: check `eas.data_center`: "), "{found:?}");
}

#[tokio::test]
async fn the_example_of_the_configuration_is_right() {
    let sandbox = Box::pin(Sandbox::start()).await.unwrap();
    let piaozone = sandbox.piaozone();
    let eas = piaozone.eas_services().replace("/ormrpc/services/", "");
    let text = include_str!("../../../examples/config/piaozone.toml")
        .replace("http://127.0.0.1:50110", &piaozone.url())
        .replace("http://127.0.0.1:50111", &eas)
        .replace(
            "secrets/",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/config/secrets/"),
        );
    let path = std::env::temp_dir().join(format!("erplink-s62-{}-own.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let file = File(path);
    let findings = Loader::default().read(&file.0).unwrap().companies[0].check().await;
    assert!(findings.iter().all(|one| one.problem.is_none()), "{findings:?}");
}

#[test]
fn a_look_into_the_ledger_needs_no_secret() {
    let path =
        std::env::temp_dir().join(format!("erplink-s62-{}-offline.toml", std::process::id()));
    let text = concat!(
        "[[companies]]\nname = \"C\"\nflows = []\n",
        include_str!("../src/piaozone/example.toml"),
    );
    std::fs::write(&path, text).unwrap();
    let file = File(path);
    Loader::default().environment(|_| None).offline().read(&file.0).unwrap();
}
