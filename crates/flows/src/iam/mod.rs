//! Huawei Cloud: tokens of its identity service (IAM, 统一身份认证), and calls through its API gateway
//! (APIG).
//!
//! Who runs the receivers of this crate needs none of it: they check the AppCode themselves
//! ([`app_code`](erplink_core::app_code)). It is for those who keep the gateway:
//!
//! - [`Iam`] obtains a token, keeps it while it is good, and renews it in time;
//! - [`GatewayTransport`] sends the calls of any client through the gateway, with a token or an
//!   AppCode in the header that it wants;
//! - [`Authorizer`] is the answer of the gateway's custom authorizer (自定义认证): `allow` with a
//!   token, and `deny` whenever there is none.
//!
//! ```no_run
//! use erplink::iam::{Authorizer, Config, Iam};
//!
//! # async fn run(password: erplink_core::Secret) -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config::new("flow-caller", password, "hw12345678");
//! let authorizer = Authorizer::new(Iam::builder(config))?;
//! // {"statusCode":200,"headers":{…},"body":"{\"status\":\"allow\",\"context\":{\"token\":\"…\"}}"}
//! let answer = authorizer.answer().await;
//! # Ok(()) }
//! ```

mod authorizer;
mod config;
mod error;
mod gateway;
mod token;

pub use authorizer::{Authorizer, allow, deny};
pub use config::{Config, Scope};
pub use error::{Error, Refusal, Result};
pub use gateway::GatewayTransport;
pub use token::{Iam, IamBuilder};
