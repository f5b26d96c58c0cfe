//! The program's commands on what `erplink init` prints.

use std::path::PathBuf;

use crate::office::Office;

/// A folder with a configuration for the sandbox, its secrets in files beside it.
struct Folder(PathBuf);

impl Folder {
    fn new(office: &Office, scenario: &str, secret: &str) -> Self {
        let folder = Self(office.stage.ledger.path().with_extension("d"));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, secret) in [
            ("password", office.erp().password()),
            ("secret", secret),
            ("token", "sandboxToken123"),
            ("aes_key", "o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus"),
        ] {
            std::fs::write(folder.0.join(name), secret).unwrap();
        }
        let mut text = erplink::program::template(scenario).unwrap();
        let api = format!("api_base = \"{}\"\ncorp_id =", office.wecom().url());
        for (example, here) in [
            ("https://erp.example.com/6160", office.erp().root_url().as_str()),
            ("\"${B1_PASSWORD}\"", "{ file = \"password\" }"),
            ("\"${WECOM_SECRET}\"", "{ file = \"secret\" }"),
            ("\"${WECOM_CALLBACK_TOKEN}\"", "{ file = \"token\" }"),
            ("\"${WECOM_CALLBACK_AES_KEY}\"", "{ file = \"aes_key\" }"),
            ("corp_id =", &api),
        ] {
            assert!(text.contains(example), "{example}");
            text = text.replace(example, here);
        }
        std::fs::write(folder.0.join("erplink.toml"), text).unwrap();
        folder
    }

    async fn erplink(&self, command: &[&str]) -> Result<(), String> {
        let config = self.0.join("erplink.toml").display().to_string();
        let mut args = vec![command[0].to_owned(), config];
        args.extend(command[1..].iter().map(ToString::to_string));
        Box::pin(erplink::program::run(&args)).await.map_err(|problem| problem.to_string())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[tokio::test]
async fn what_init_prints_passes_the_check_and_runs_dry() {
    for (number, flow) in [("S40", "purchase-requests"), ("S45", "purchase-orders")] {
        let office = Office::new().await;
        office.stage.submit("RM-001", "1");
        let folder = Folder::new(&office, number, &office.wecom().secret());
        folder.erplink(&["check"]).await.unwrap();
        folder.erplink(&["dry-run", &format!("SBODEMOCN/{flow}")]).await.unwrap();
        assert!(office.wecom().forms().is_empty(), "nothing was sent");
    }
}

#[tokio::test]
async fn documents_of_the_past_are_filled_in_by_hand() {
    let office = Office::new().await;
    office.stage.submit("RM-001", "1");
    let folder = Folder::new(&office, "wecom-draft-approval", &office.wecom().secret());
    let flow = "SBODEMOCN/purchase-requests";
    folder.erplink(&["backfill", flow, "2000-01-01", "2000-12-31"]).await.unwrap();
    assert!(office.wecom().forms().is_empty(), "nothing is so old");
    for _ in 0..2 {
        folder.erplink(&["backfill", flow, "2000-01-01", "2999-12-31"]).await.unwrap();
        office.the_form();
    }
    folder.erplink(&["reconcile"]).await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_and_an_address_that_is_not_trusted_are_told() {
    let office = Office::new().await;
    let folder = Folder::new(&office, "S40", "wrong");
    assert_eq!(folder.erplink(&["check"]).await.unwrap_err(), "1 of 2 checks failed");
    drop(folder);
    office.wecom().set_trusted_ips(&["203.0.113.7"]);
    office.stage.sandbox.clock().advance(std::time::Duration::from_secs(120));
    let folder = Folder::new(&office, "S40", &office.wecom().secret());
    assert_eq!(folder.erplink(&["check"]).await.unwrap_err(), "1 of 2 checks failed");
}
