//! Both logins, every place of the token, and its end.

use blacklake_mes::materials::UnitFilter;
use blacklake_mes::{Client, ErrorKind, TokenPlacement};
use erplink_sandbox::mes::{ExpiredToken, LifetimeName, Quirks, TokenPlace};

use crate::Factory;

async fn count_units(client: &Client) -> usize {
    client.materials().units(UnitFilter::new()).try_collect().await.unwrap().len()
}

#[tokio::test]
async fn an_interface_account_and_an_app_log_in() {
    for lifetime_name in [LifetimeName::Expire, LifetimeName::ExpiresIn, LifetimeName::None] {
        let factory = Factory::new().await;
        factory.mes().set_quirks(Quirks { lifetime_name, ..Quirks::default() });
        let app = factory.builder().build().unwrap();
        for client in [factory.client(), app] {
            let before = factory.mes().token_count();
            assert_eq!(count_units(&client).await, 6);
            assert_eq!(count_units(&client.clone()).await, 6);
            assert_eq!(factory.mes().token_count(), before + 1, "clones share a token");
        }
    }
}

#[tokio::test]
async fn the_token_travels_wherever_a_site_wants_it() {
    let header = |name: &str| TokenPlacement::Header(name.to_owned());
    for (place, placement) in [
        (TokenPlace::Query, TokenPlacement::Query("access_token".to_owned())),
        (TokenPlace::AccessTokenHeader, header("access_token")),
        (TokenPlace::XAuthHeader, header("X-AUTH")),
        (TokenPlace::TokenHeader, header("token")),
    ] {
        let factory = Factory::new().await;
        factory.mes().set_quirks(Quirks { token_place: Some(place), ..Quirks::default() });
        let client = factory.builder().token_placement([placement]).build().unwrap();
        assert_eq!(count_units(&client).await, 6, "{place:?}");
        let elsewhere = match place {
            TokenPlace::TokenHeader => header("X-AUTH"),
            _ => header("token"),
        };
        let client = factory.builder().token_placement([elsewhere]).build().unwrap();
        let refused = client.materials().units(UnitFilter::new()).next().await.unwrap();
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Session, "{place:?}");
    }
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_whatever_it_is_called() {
    for expired_token in [
        ExpiredToken::ByLogin,
        ExpiredToken::AccessTokenExpired,
        ExpiredToken::SsoTokenFail,
        ExpiredToken::Http401,
    ] {
        let factory = Factory::new().await;
        let quirks = Quirks { expired_token, new_token_voids_old: true, ..Quirks::default() };
        factory.mes().set_quirks(quirks);
        let client = factory.client();
        count_units(&client).await;
        factory.mes().expire_tokens();
        assert_eq!(count_units(&client).await, 6, "{expired_token:?}");
        factory.mes().forget_tokens();
        assert_eq!(count_units(&client).await, 6, "{expired_token:?}");
        assert_eq!(factory.mes().token_count(), 3);
    }
}

#[tokio::test]
async fn a_wrong_secret_and_a_missing_permission_are_told_apart() {
    let factory = Factory::new().await;
    let mes = factory.mes();
    let wrong = Client::builder(mes.url(), mes.app_key(), "wrong").build().unwrap();
    let refused = wrong.materials().units(UnitFilter::new()).next().await.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Auth, "{refused}");
    mes.revoke("/unit/_list");
    let refused = factory.client().materials().units(UnitFilter::new()).next().await;
    let refused = refused.unwrap().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Forbidden, "{refused}");
    assert!(refused.to_string().contains("接口权限"), "{refused}");
}
