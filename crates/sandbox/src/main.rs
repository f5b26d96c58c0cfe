//! The sandbox as a program: all systems on fixed ports until Ctrl-C.

use std::io::Write as _;
use std::process::ExitCode;

use erplink_sandbox::{
    Sandbox, diapi, dingtalk, easst, ecology, eteams, jdy, mes, piaozone, servicelayer, wecom,
};

const HELP: &str = "\
Simulators of SAP Business One and the systems around it, on 127.0.0.1.

Usage: erplink-sandbox [OPTIONS]

  --b1-port PORT              Service Layer (default 50000)
  --diapi-port PORT           DI API service (default 50060)
  --dingtalk-api-port PORT    DingTalk, new API (default 50010)
  --dingtalk-oapi-port PORT   DingTalk, old API (default 50011)
  --easst-port PORT           千里聆, recognition of invoices (default 50080)
  --ecology-port PORT         Ecology OA (default 50020)
  --mes-port PORT             Blacklake MES (default 50040)
  --piaozone-port PORT        Piaozone, verification of invoices (default 50110)
  --eas-port PORT             Kingdee EAS, its login (default 50111)
  --wecom-port PORT           WeCom (default 50030)
  --jdy-port PORT             Kingdee JDY (default 50070)
  --eteams-port PORT          Weaver eteams (default 50100)
  --management-port PORT      faults, clock, people's actions (default 50090)
  --lenient                   Service Layer keeps properties that it does not know
  --help                      this text

Tianyu PLM and the barcode application have no port: they call addresses of yours, which you give
them at the management port (/plm, /barcode), where you also let them push.

PORT 0 means any free port. When everything listens, one line of JSON with all addresses and
credentials appears on standard output; logs go to standard error (RUST_LOG sets the level).
";

#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    b1: u16,
    diapi: u16,
    dingtalk_api: u16,
    dingtalk_oapi: u16,
    easst: u16,
    ecology: u16,
    eteams: u16,
    mes: u16,
    jdy: u16,
    piaozone: u16,
    eas: u16,
    wecom: u16,
    management: u16,
    lenient: bool,
}

impl Default for Arguments {
    fn default() -> Self {
        Self {
            b1: 50_000,
            diapi: 50_060,
            dingtalk_api: 50_010,
            dingtalk_oapi: 50_011,
            easst: 50_080,
            ecology: 50_020,
            eteams: 50_100,
            mes: 50_040,
            jdy: 50_070,
            piaozone: 50_110,
            eas: 50_111,
            wecom: 50_030,
            management: 50_090,
            lenient: false,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Command {
    Run(Arguments),
    Help,
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut parsed = Arguments::default();
    while let Some(name) = arguments.next() {
        let port = match name.as_str() {
            "--help" | "-h" => return Ok(Command::Help),
            "--lenient" => {
                parsed.lenient = true;
                continue;
            }
            "--b1-port" => &mut parsed.b1,
            "--diapi-port" => &mut parsed.diapi,
            "--dingtalk-api-port" => &mut parsed.dingtalk_api,
            "--dingtalk-oapi-port" => &mut parsed.dingtalk_oapi,
            "--easst-port" => &mut parsed.easst,
            "--ecology-port" => &mut parsed.ecology,
            "--eteams-port" => &mut parsed.eteams,
            "--mes-port" => &mut parsed.mes,
            "--jdy-port" => &mut parsed.jdy,
            "--piaozone-port" => &mut parsed.piaozone,
            "--eas-port" => &mut parsed.eas,
            "--wecom-port" => &mut parsed.wecom,
            "--management-port" => &mut parsed.management,
            _ => return Err(format!("unknown option `{name}`; --help lists the options")),
        };
        let value = arguments.next().ok_or(format!("`{name}` needs a port after it"))?;
        *port = value.parse().map_err(|_| {
            format!("`{name} {value}`: a port is a number from 0 to 65535 (0: any free port)")
        })?;
    }
    Ok(Command::Run(parsed))
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match parse(std::env::args().skip(1)) {
        Ok(Command::Help) => {
            print(HELP);
            ExitCode::SUCCESS
        }
        Ok(Command::Run(arguments)) => match Box::pin(run(&arguments)).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                tracing::error!("{error}");
                ExitCode::FAILURE
            }
        },
        Err(message) => {
            tracing::error!("{message}");
            ExitCode::from(2)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let b1 = servicelayer::Options {
        port: arguments.b1,
        strict: !arguments.lenient,
        ..Default::default()
    };
    let diapi = diapi::Options { port: arguments.diapi, ..Default::default() };
    let dingtalk = dingtalk::Options {
        api_port: arguments.dingtalk_api,
        oapi_port: arguments.dingtalk_oapi,
        ..Default::default()
    };
    let easst = easst::Options { port: arguments.easst, ..Default::default() };
    let ecology = ecology::Options { port: arguments.ecology, ..Default::default() };
    let eteams = eteams::Options { port: arguments.eteams, ..Default::default() };
    let mes = mes::Options { port: arguments.mes, ..Default::default() };
    let jdy = jdy::Options { port: arguments.jdy, ..Default::default() };
    let piaozone = piaozone::Options {
        port: arguments.piaozone,
        eas_port: arguments.eas,
        ..Default::default()
    };
    let wecom = wecom::Options { port: arguments.wecom, ..Default::default() };
    let sandbox = Sandbox::builder()
        .b1(b1)
        .diapi(diapi)
        .dingtalk(dingtalk)
        .easst(easst)
        .ecology(ecology)
        .jdy(jdy)
        .eteams(eteams)
        .mes(mes)
        .piaozone(piaozone)
        .wecom(wecom)
        .management_port(arguments.management)
        .start()
        .await?;
    let ready = serde_json::json!({
        "ready": true,
        "management_url": sandbox.management_url(),
        "b1": sandbox.b1().connection(),
        "diapi": sandbox.diapi().connection(),
        "dingtalk": sandbox.dingtalk().connection(),
        "easst": sandbox.easst().connection(),
        "ecology": sandbox.ecology().connection(),
        "jdy": sandbox.jdy().connection(),
        "eteams": sandbox.eteams().connection(),
        "mes": sandbox.mes().connection(),
        "piaozone": sandbox.piaozone().connection(),
        "wecom": sandbox.wecom().connection(),
        "plm": { "push_url": format!("{}/plm", sandbox.management_url()) },
        "barcode": { "push_url": format!("{}/barcode", sandbox.management_url()) },
    });
    print(&format!("{ready}\n"));
    tokio::signal::ctrl_c().await?;
    tracing::info!("stopping");
    Ok(())
}

/// Standard output may be a closed pipe, which is no reason to stop serving.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        tracing::warn!(%error, "standard output cannot be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Result<Command, String> {
        parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let expected = Arguments { b1: 0, management: 7, lenient: true, ..Arguments::default() };
        let text = "--b1-port 0 --lenient --management-port 7";
        assert_eq!(arguments(text), Ok(Command::Run(expected)));
        assert_eq!(arguments("--help"), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(arguments("--b1-port").unwrap_err().contains("needs a port"));
        assert!(arguments("--b1-port 70000").unwrap_err().contains("0 to 65535"));
        assert!(arguments("--nonsense").unwrap_err().contains("--nonsense"));
    }
}
