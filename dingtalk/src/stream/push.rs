//! Callbacks of Stream mode: what people do in chats and on cards.

use std::future::Future;

use async_trait::async_trait;
use erplink_core::{RawJson, open_enum};

use crate::callback::HandlerError;

open_enum! {
    /// What a callback (回调) is about. Any other topic is [`Topic::Unknown`] with its path.
    pub enum Topic {
        /// Somebody wrote to the bot (机器人接收消息).
        BotMessage = "/v1.0/im/bot/messages/get",
        /// Somebody pressed something on a card (互动卡片回调).
        CardAction = "/v1.0/card/instances/callback",
    }
}

/// A callback (回调): a message to a bot, a press on a card.
///
/// Unlike an event it is pushed once, and the platform reads the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Push {
    /// What it is about.
    pub topic: Topic,
    /// Id of the push.
    pub message_id: Option<String>,
    /// Its content as sent; the shape depends on the topic.
    pub data: RawJson,
}

/// Answers callbacks. Every `async fn(Push) -> Result<RawJson, HandlerError>` is one.
#[async_trait]
pub trait PushHandler: Send + Sync + 'static {
    /// Handles a callback and says what the platform reads: for bots [`RawJson::null`], for cards
    /// what the card shows now.
    ///
    /// # Errors
    /// Anything: logged, and the platform is told that it failed (code 500). It does not repeat.
    async fn handle(&self, push: Push) -> Result<RawJson, HandlerError>;
}

#[async_trait]
impl<F, Fut> PushHandler for F
where
    F: Fn(Push) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<RawJson, HandlerError>> + Send + 'static,
{
    async fn handle(&self, push: Push) -> Result<RawJson, HandlerError> {
        self(push).await
    }
}
