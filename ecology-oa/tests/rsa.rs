//! What the client encrypts, other people's software decrypts.

#![allow(clippy::unwrap_used, clippy::panic)] // also in the helpers of these tests

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ecology_oa::Client;
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use rsa::{Pkcs1v15Encrypt, RsaPrivateKey};
use serde_json::json;
use support::{SECRET, SPK, TOKEN, TOKEN_PATH, answer, pa, private_key, requests, token_answer};
use wiremock::matchers::path;
use wiremock::{Mock, MockServer};

/// Generated for the tests, used nowhere else.
const SPK_2048: &str = include_str!("fixtures/spk-2048.pem");
const PRIVATE_2048: &str = include_str!("fixtures/private-2048.pem");

/// Decrypts with `openssl`; `None` where it is not installed.
fn openssl(private_key: &str, encrypted: &[u8]) -> Option<Vec<u8>> {
    if Command::new("openssl").arg("version").output().is_err() {
        return None;
    }
    let file = std::env::temp_dir().join(format!("ecology-oa-{}.pem", std::process::id()));
    std::fs::write(&file, private_key).unwrap();
    let mut child = Command::new("openssl")
        .args(["pkeyutl", "-decrypt", "-pkeyopt", "rsa_padding_mode:pkcs1", "-inkey"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(encrypted).unwrap();
    let output = child.wait_with_output().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert!(output.status.success(), "openssl could not decrypt");
    Some(output.stdout)
}

#[tokio::test]
async fn secret_and_user_decrypt_with_openssl_for_both_sizes_of_key() {
    let small = private_key();
    let large = RsaPrivateKey::from_pkcs8_pem(PRIVATE_2048).unwrap();
    for (spk, key, bytes) in [(SPK, small, 128), (SPK_2048, large, 256)] {
        let server = MockServer::start().await;
        Mock::given(path(TOKEN_PATH)).respond_with(token_answer(TOKEN)).mount(&server).await;
        answer(&server, &pa("getRequestStatus"), json!({ "data": { "requestId": 7 } })).await;
        let client =
            Client::builder(server.uri(), support::APPID).credentials(SECRET, spk).build().unwrap();
        client.as_user("1").workflow().status(7).await.unwrap();

        let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
        let token_call = requests(&server, TOKEN_PATH).await.remove(0);
        let call = requests(&server, &pa("getRequestStatus")).await.remove(0);
        for (request, header, expected) in [(token_call, "secret", SECRET), (call, "userid", "1")] {
            let text = request.headers.get(header).unwrap().to_str().unwrap();
            let encrypted = STANDARD.decode(text).unwrap();
            assert_eq!(encrypted.len(), bytes);
            assert_eq!(key.decrypt(Pkcs1v15Encrypt, &encrypted).unwrap(), expected.as_bytes());
            if let Some(plain) = openssl(&pem, &encrypted) {
                assert_eq!(plain, expected.as_bytes());
            }
        }
    }
}
