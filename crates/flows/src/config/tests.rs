use super::*;

const GOOD: &str = r#"
[[companies]]
name = "SBODEMOCN"

[companies.b1]
root = "https://erp.example.com/6160"
company_db = "SBODEMOCN"
user = 'S-ERP\LLB'
password = "${B1_PASSWORD}"

[companies.dingtalk]
client_id = "dingabcdefgh12345678"
client_secret = "${SECRET}"
callback = { token = "${TOKEN}", aes_key = "${KEY}" }

[[companies.flows]]
name = "requests"
scenario = "dingtalk-draft-approval"
process_code = "PROC-1"
page_size = 20
"#;

const WECOM: &str = r#"
[companies.wecom]
corp_id = "ww6f3c1d9a02b7e845"
secret = "${SECRET}"
callback = { token = "${TOKEN}", aes_key = "${KEY}" }
"#;

/// A file in the temporary folder that goes away with the test.
struct File(PathBuf);

impl File {
    fn new(text: &str) -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("erplink-config-{}-{number}.toml", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn read(&self) -> Result<Config, Problems> {
        Loader::default().environment(variable).read(&self.0)
    }
}

fn variable(name: &str) -> Option<String> {
    match name {
        "UNSET" => None,
        "KEY" => Some("o1w0aum42yaptlz8alnhwikjd3jenzt9cb9wmzptgus".to_owned()),
        _ => Some(format!("value of {name}")),
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[test]
fn a_good_file_makes_clients_and_flows() {
    let config = File::new(GOOD).read().unwrap();
    let [company] = config.companies.as_slice() else { panic!("one company") };
    assert_eq!(company.limits, [("b1", 8), ("dingtalk", 8)]);
    assert!(!format!("{config:?}").contains("value of"), "secrets are not printed");
    let whole = config.compose().unwrap();
    let flows: Vec<_> = whole.flows.iter().map(|flow| flow.id().to_string()).collect();
    assert_eq!(flows, ["SBODEMOCN/requests", "SBODEMOCN/requests-decisions"]);
    assert_eq!(whole.receivers[0].path(), "/SBODEMOCN/dingtalk");
}

const OA: &str = r#"
[companies.ecology]
base_url = "http://oa.example.com:8080"
appid = "A"
secret = "${SECRET}"
spk = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXV+2MTMd2767yXDqw0d47T10btu0sH4839j3X424OD1eKHggAYrpJ6ptEcE15xPJCuOht3aMREkNiUfwXbFkjzw5cC4cMU3OBNmUi9jBV6KKDTPJmq3TEyW8utsiXo3FT5+i80GYWJVXM/Ue7leHHR6JwA5s1cGNuw5PqAR6S0QIDAQAB"
user = "1"
"#;

const FINANCE: &str = r#"
[companies.jdy]
client_id = "200421"
client_secret = "${SECRET}"
login = { user = { username = "u", password = "${SECRET}" } }

[companies.eteams]
corp_id = "A"
app_key = "K"
app_secret = "${SECRET}"

[companies.easst]
app_id = "demoApp"
app_secret = "${SECRET}"
"#;

const SHOP_FLOOR: &str = r#"
[companies.plm]
app_code = "${KEY}"

[companies.barcode]
app_code = "${KEY}"

[companies.mes]
base_url = "https://v3-hw.blacklake.cn"
app_key = "cli_1"
app_secret = "${SECRET}"
"#;

/// What a flow must say.
fn required(scenario: &str) -> &'static str {
    match scenario {
        "dingtalk-document-approval" => "process_code = \"PROC-1\"\nobject_type = \"Orders\"\n",
        "ecology-document-approval" => {
            "workflow_id = 1\nrequest_name = \"A\"\nobject_type = \"Orders\"\nfields = [{ from = \"=a\", to = \"a\" }]\n"
        }
        "ecology-master-data" => {
            "method = \"saveItems\"\nmatch_key = \"a\"\nfields = [{ from = \"A\", to = \"a\" }]\n"
        }
        "eteams-departments" => "fields = [{ from = \"Department.name\", to = \"Name\" }]\n",
        "wecom-draft-approval" => "template_id = \"3Tka\"\n",
        "wecom-document-approval" => "template_id = \"3Tka\"\nobject_type = \"Orders\"\n",
        "jdy-vouchers" => "accounts = [{ from = \"1\", to = \"1\" }]\n",
        "plm-engineering-data" => "kind = \"routing\"\nrouting = { object = \"ROUTING\" }\n",
        "barcode-server" => {
            "query = \"off\"\nrules = { query = {}, document = {}, backflush = {} }\n"
        }
        "invoice-ledger" => {
            "folder = \"/invoices\"\nobject_type = \"U_A\"\nfields = [{ from = \"A\", to = \"a\" }]\n"
        }
        "ecology-data-to-erp" => "fields = [{ from = \"a\", to = \"A\" }]\n",
        mes if mes.starts_with("mes-") => "",
        _ => "process_code = \"PROC-1\"\n",
    }
}

#[test]
fn the_defaults_of_files_are_those_of_the_code() {
    for kind in crate::scenario::SCENARIOS {
        let own = required(kind.name);
        let mut text = GOOD.replace("dingtalk-draft-approval", kind.name);
        text = text.replace("process_code = \"PROC-1\"\npage_size = 20\n", own);
        let systems = format!("{OA}{WECOM}{SHOP_FLOOR}{FINANCE}\n[[companies.flows]]");
        text = text.replace("[[companies.flows]]", &systems);
        let code = toml::from_str(own).unwrap();
        let code = (kind.read)(code).unwrap();
        let file = File::new(&text).read().unwrap();
        assert_eq!(format!("{:?}", file.companies[0].flows[0].scenario), format!("{code:?}"));
    }
}

#[test]
fn every_mistake_has_its_line_and_says_what_is_allowed() {
    for (right, wrong, line, message) in [
        (
            "password =",
            "pasword =",
            9,
            "`companies[0].b1.pasword` is no key; did you mean `password`? allowed: root, company_db",
        ),
        (
            "root = \"https://erp.example.com/6160\"\n",
            "",
            5,
            "`companies[0].b1.root` is missing: The address before /b1s/v1, tenant prefix included.",
        ),
        (
            "\"${B1_PASSWORD}\"",
            "\"1234\"",
            9,
            "`companies[0].b1.password`: expected `\"${NAME}\"` for an environment variable or `{ file = \"…\" }`, found a secret in the file itself",
        ),
        (
            "B1_PASSWORD",
            "UNSET",
            9,
            "`companies[0].b1.password`: the environment has no variable `UNSET`; set it",
        ),
        (
            "page_size = 20",
            "page_size = 0",
            20,
            "`companies[0].flows[0].page_size`: expected a whole number from 1 to 100, found 0",
        ),
        (
            "page_size = 20",
            "page_size = \"20\"",
            20,
            "`companies[0].flows[0].page_size`: expected a whole number from 1 to 100, found string",
        ),
        (
            "dingtalk-draft-approval",
            "dingtalk-draft-aproval",
            18,
            "found `dingtalk-draft-aproval`; did you mean `dingtalk-draft-approval`?",
        ),
        (
            "scenario = \"dingtalk-draft-approval\"\n",
            "",
            16,
            "`companies[0].flows[0].scenario` is missing: one of ",
        ),
        (
            "page_size = 20",
            "on_withdrawn = \"reject\"",
            20,
            "`companies[0].flows[0].on_withdrawn`: expected one of leave, refuse, found `reject`",
        ),
        (
            "page_size = 20",
            "originator_user = \"=me\"",
            20,
            "`companies[0].flows[0].originator_dept` is missing: `originator_user` needs it",
        ),
        (
            "name = \"requests\"",
            "name = \"re quests\"",
            17,
            "`companies[0].flows[0].name`: expected a name of letters, digits, - and _, found re quests",
        ),
        (
            "page_size = 20",
            "fields = \"x\"",
            20,
            "`companies[0].flows[0].fields`: expected a list of tables (`[[…]]`), found string",
        ),
        ("\"${SECRET}\"", "{ file = \"no-such-file\" }", 13, "no-such-file` cannot be read"),
    ] {
        let problems = File::new(&GOOD.replace(right, wrong)).read().unwrap_err();
        let problem = problems.0.iter().find(|problem| problem.message.contains(message));
        let problem = problem.unwrap_or_else(|| panic!("{wrong}: {problems}"));
        assert_eq!(problem.line, line, "{problem}");
    }
}

#[test]
fn all_mistakes_come_at_once() {
    let text = GOOD.replace("password =", "pasword =").replace("page_size = 20", "page_size = 0");
    let problems = File::new(&text).read().unwrap_err();
    let lines: Vec<_> = problems.0.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [9, 20], "{problems}");
}

#[test]
fn two_of_a_name_and_broken_syntax_are_refused() {
    let flow = GOOD.split("[[companies.flows]]").nth(1).unwrap();
    let twice = format!("{GOOD}[[companies.flows]]{flow}");
    let problems = File::new(&twice).read().unwrap_err().to_string();
    assert!(
        problems.contains("two of `companies[0].flows` have the same `name`: requests"),
        "{problems}"
    );
    assert!(problems.contains("have the same `process_code`: PROC-1"), "{problems}");
    let problems = File::new("ledger = ").read().unwrap_err();
    assert_eq!(problems.0[0].line, 1, "{problems}");
}

#[test]
fn included_companies_are_part_of_the_whole() {
    let part = File::new(GOOD);
    let name = part.0.file_name().unwrap().to_str().unwrap().to_owned();
    let config = File::new(&format!("include = [\"{name}\"]")).read().unwrap();
    assert_eq!(config.companies.len(), 1);
    let problems = File::new(&format!("include = [\"{name}\"]\n{GOOD}")).read().unwrap_err();
    assert!(problems.to_string().contains("is in another file already"), "{problems}");
}

#[test]
fn a_flow_without_its_system_is_a_mistake_at_its_line() {
    let (before, rest) = GOOD.split_once("[companies.dingtalk]").unwrap();
    let (_, flows) = rest.split_once("[[companies.flows]]").unwrap();
    let text = format!("{before}[[companies.flows]]{flows}");
    let problems = File::new(&text).read().unwrap_err();
    let [problem] = problems.0.as_slice() else { panic!("{problems}") };
    assert_eq!(problem.line, 13, "{problem}");
    assert_eq!(
        problem.message,
        "`companies[0].flows[0]`: dingtalk-draft-approval needs `companies[0].dingtalk`; add it"
    );
}

#[test]
fn a_look_into_the_ledger_needs_no_secrets() {
    let file = File::new(&GOOD.replace("B1_PASSWORD", "UNSET"));
    let config = Loader::default().environment(variable).offline().read(&file.0).unwrap();
    assert_eq!(config.compose().unwrap().flows.len(), 2);
}

#[test]
fn a_connection_can_be_set_up() {
    let http = "http = { connect_timeout = 5, proxy = { address = \"http://proxy:3128\" } }";
    let text = GOOD.replace("[companies.dingtalk]", &format!("{http}\n\n[companies.dingtalk]"));
    File::new(&text).read().unwrap();
    let text = text.replace("connect_timeout", "conect_timeout");
    let problems = File::new(&text).read().unwrap_err().to_string();
    assert!(problems.contains("did you mean `connect_timeout`?"), "{problems}");
}
