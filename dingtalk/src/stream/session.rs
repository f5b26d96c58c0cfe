//! One connection: reads frames, runs handlers, acknowledges, watches whether it lives.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracing::{debug, warn};

use super::frame::{Answer, Frame, Kind};
use super::open::Socket;
use super::work::Work;

/// Events that wait for a handler; those beyond it are pushed again later.
const LONGEST_QUEUE: usize = 1000;

/// Why a connection is not served any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The listener is to stop.
    Stopped,
    /// The platform announced the end, or delivers nothing any more; the socket still works.
    Retired(String),
    /// The socket is broken.
    Lost(String),
}

/// A handler's answer to the frame with this id.
type Done = (Option<String>, Answer);

pub(super) struct Session<'a> {
    socket: Socket,
    work: &'a Work,
    running: FuturesUnordered<BoxFuture<'a, Done>>,
    queue: VecDeque<Frame>,
    watch: Watch,
}

/// When something came last.
struct Watch {
    anything: Instant,
    frame: Instant,
    pinged: Option<Instant>,
}

impl<'a> Session<'a> {
    pub(super) fn new(socket: Socket, work: &'a Work) -> Self {
        let now = work.clock().now();
        let watch = Watch { anything: now, frame: now, pinged: None };
        Self { socket, work, running: FuturesUnordered::new(), queue: VecDeque::new(), watch }
    }

    /// Serves the connection until it ends or `stop` resolves.
    pub(super) async fn serve(
        &mut self,
        stop: &mut Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> End {
        loop {
            let until = self.work.clock().sleep(self.patience());
            let step = tokio::select! {
                () = &mut *stop => Err(End::Stopped),
                message = self.socket.next() => self.read(message).await,
                Some(done) = self.running.next() => self.finish(done).await,
                () = until => self.look().await,
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn read<E: std::fmt::Display>(
        &mut self,
        message: Option<Result<Message, E>>,
    ) -> Result<(), End> {
        let message = match message {
            None => return Err(End::Lost("the connection was closed".to_owned())),
            Some(Err(error)) => return Err(End::Lost(error.to_string())),
            Some(Ok(message)) => message,
        };
        let now = self.work.clock().now();
        (self.watch.anything, self.watch.pinged) = (now, None);
        match message {
            Message::Text(text) => {
                self.watch.frame = now;
                self.take(&text).await
            }
            Message::Close(_) => Err(End::Lost("the platform closed the connection".to_owned())),
            Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => Ok(()),
        }
    }

    async fn take(&mut self, text: &str) -> Result<(), End> {
        let frame = match Frame::read(text) {
            Ok(frame) => frame,
            Err(error) => {
                warn!("a frame of DingTalk Stream cannot be read: {error}");
                return Ok(());
            }
        };
        let answer = match frame.kind() {
            Kind::Event | Kind::Callback if self.queue.len() < LONGEST_QUEUE => {
                self.queue.push_back(frame);
                self.start();
                return Ok(());
            }
            Kind::Event => Answer::Later("busy"),
            Kind::Callback => Answer::Failed("busy"),
            Kind::Disconnect => return Err(End::Retired(frame.reason())),
            Kind::QuotaUsedUp => {
                self.work.quota_used_up(frame.error_message());
                return Ok(());
            }
            Kind::Ping => Answer::Echo(frame.data_text()),
            Kind::System => Answer::Echo("{}".to_owned()),
            Kind::Unknown => Answer::NotFound,
        };
        self.answer(frame.message_id(), &answer).await
    }

    /// Starts as many handlers as may run.
    fn start(&mut self) {
        while self.running.len() < self.work.config.handlers
            && let Some(frame) = self.queue.pop_front()
        {
            let work = self.work;
            self.running.push(Box::pin(async move {
                let answer = work.handle(&frame).await;
                (frame.message_id().map(str::to_owned), answer)
            }));
        }
    }

    async fn finish(&mut self, (message_id, answer): Done) -> Result<(), End> {
        self.start();
        self.answer(message_id.as_deref(), &answer).await
    }

    /// Without an id there is nothing to refer to; the platform pushes an event again.
    async fn answer(&mut self, message_id: Option<&str>, answer: &Answer) -> Result<(), End> {
        match message_id {
            Some(id) => self.send(Message::text(answer.frame(id))).await,
            None => Ok(()),
        }
    }

    /// A peer that reads nothing must not hold this up for ever.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        let patience = self.work.clock().sleep(seconds(self.work.config.pong_within));
        let sent = tokio::select! {
            biased;
            sent = self.socket.send(message) => sent.map_err(|error| error.to_string()),
            () = patience => Err("the platform reads nothing any more".to_owned()),
        };
        sent.map_err(End::Lost)
    }

    /// Until when nothing has to be looked at.
    fn patience(&self) -> Duration {
        let config = &self.work.config;
        let liveness = match self.watch.pinged {
            Some(pinged) => pinged + seconds(config.pong_within),
            None => self.watch.anything + seconds(config.ping_after),
        };
        let silence = (config.silence > 0).then(|| self.watch.frame + seconds(config.silence));
        let next = silence.map_or(liveness, |silence| silence.min(liveness));
        next.saturating_duration_since(self.work.clock().now())
    }

    async fn look(&mut self) -> Result<(), End> {
        let config = &self.work.config;
        let now = self.work.clock().now();
        let passed = |since: Instant, limit: u64| now >= since + seconds(limit);
        if self.watch.pinged.is_some_and(|pinged| passed(pinged, config.pong_within)) {
            return Err(End::Lost("no answer to a ping".to_owned()));
        }
        if config.silence > 0 && passed(self.watch.frame, config.silence) {
            let silence = config.silence;
            return Err(End::Retired(format!("no frame for {silence} s, though it seems alive")));
        }
        if self.watch.pinged.is_none() && passed(self.watch.anything, config.ping_after) {
            self.watch.pinged = Some(now);
            return self.send(Message::Ping(Vec::new().into())).await;
        }
        Ok(())
    }

    /// Lets the running handlers finish, acknowledges what they did if the socket still works, and
    /// closes it. What waited for a handler is not begun: the platform pushes it again.
    pub(super) async fn retire(mut self, end: &End) {
        let mut works = !matches!(end, End::Lost(_));
        self.queue.clear();
        while let Some((message_id, answer)) = self.running.next().await {
            if works {
                works = self.answer(message_id.as_deref(), &answer).await.is_ok();
            }
        }
        if works {
            let goodbye = CloseFrame { code: CloseCode::Normal, reason: "".into() };
            if let Err(End::Lost(why)) = self.send(Message::Close(Some(goodbye))).await {
                debug!("the old connection could not be closed: {why}");
            }
        }
    }
}

pub(super) fn seconds(count: u64) -> Duration {
    /// A longer time means never, and every clock holds it.
    const LONGEST: u64 = 365 * 24 * 3600;
    Duration::from_secs(count.min(LONGEST))
}
