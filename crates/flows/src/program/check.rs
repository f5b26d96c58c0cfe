use std::fmt;

use b1_servicelayer::entities::Item;
use erplink_core::ErrorKind;

use super::Failure;
use crate::config::{Company, Config};

/// Asks every system for something small, and says which setting is wrong.
pub(super) async fn check(config: &Config) -> Result<(), Failure> {
    let mut failed = 0;
    for company in &config.companies {
        for (system, outcome) in connections(company).await? {
            match outcome {
                Ok(()) => println!("{} {system}: connected", company.name),
                Err(problem) => {
                    failed += 1;
                    println!("{} {system}: {problem}", company.name);
                }
            }
        }
    }
    if failed > 0 {
        return Err(format!("{failed} connections do not work").into());
    }
    Ok(())
}

type Outcome = Result<(), String>;

async fn connections(company: &Company) -> Result<Vec<(&'static str, Outcome)>, Failure> {
    let systems = company.systems()?;
    let b1 = systems.b1.items().select(Item::ITEM_CODE).first().await;
    let b1 = b1.map(drop).map_err(|error| {
        told(error.kind(), &error, "`root`", "`company_db`, `user` or `password`")
    });
    let callback = &company.dingtalk.callback;
    let key = dingtalk::callback::Callback::new(
        callback.token.clone(),
        callback.aes_key.clone(),
        systems.dingtalk.client_id(),
    );
    let key = key.map(drop).map_err(|error| format!("check `callback.aes_key`: {error}"));
    // A template that does not exist is refused only after the token was accepted.
    let mut dingtalk = Ok(());
    for flow in &company.flows {
        let (code, _) = flow.decisions();
        if let Err(error) = systems.dingtalk.workflow().schema(code).await {
            let kind = error.kind();
            let mut problem = told(kind, &error, "`api_base`", "`client_id` or `client_secret`");
            if !matches!(kind, ErrorKind::Connect | ErrorKind::Auth) {
                problem = format!("check `process_code` of flow {}: {error}", flow.name);
            }
            dingtalk = Err(problem);
            break;
        }
    }
    Ok(vec![("b1", b1), ("dingtalk", dingtalk), ("dingtalk callback", key)])
}

fn told(kind: ErrorKind, error: &dyn fmt::Display, address: &str, account: &str) -> String {
    match kind {
        ErrorKind::Auth => format!("check {account}: {error}"),
        ErrorKind::Forbidden => format!("the account lacks a permission: {error}"),
        ErrorKind::Api | ErrorKind::RateLimited => error.to_string(),
        _ => format!("check the address {address}: {error}"),
    }
}
