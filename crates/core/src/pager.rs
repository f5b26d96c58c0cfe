//! Pages as streams: one page in memory, an end that is sure to come.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::BoxStream;
use futures_util::stream;

/// One page and where the next one starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C> {
    /// What the page holds, in the order of the server.
    pub items: Vec<T>,
    /// Where the next page starts; `None` after the last one. Keep it to resume later.
    pub next: Option<C>,
}

/// The server answered a page that leads back to itself; following it would never end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server's next page starts where this one did ({cursor}); stopped instead of looping")]
pub struct StuckCursor {
    cursor: String,
}

/// A stream of results. Take them with [`Results::next`], no import needed.
#[must_use = "streams do nothing unless they are asked for items"]
pub struct Results<T, E>(BoxStream<'static, Result<T, E>>);

impl<T, E> Results<T, E> {
    /// Wraps a stream.
    pub fn new(stream: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }

    /// The next result; `None` at the end. After an error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<T, E>> {
        std::future::poll_fn(|cx| self.0.as_mut().poll_next(cx)).await
    }

    /// Everything that is left, in memory.
    ///
    /// # Errors
    /// The first error; what came before it is dropped.
    pub async fn try_collect(mut self) -> Result<Vec<T>, E> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl<T, E> Stream for Results<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<T, E> fmt::Debug for Results<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Results")
    }
}

/// Walks pages from `start` until there is no next one.
///
/// A page whose next cursor does not differ from its own ends the walk with [`StuckCursor`].
pub fn pages<T, C, E, F, Fut>(start: C, fetch: F) -> Results<Page<T, C>, E>
where
    T: Send + 'static,
    C: Clone + PartialEq + fmt::Debug + Send + 'static,
    E: From<StuckCursor> + Send + 'static,
    F: FnMut(C) -> Fut + Send + 'static,
    Fut: Future<Output = Result<Page<T, C>, E>> + Send + 'static,
{
    Results::new(stream::try_unfold((Some(start), fetch), |(at, mut fetch)| async move {
        let Some(at) = at else { return Ok(None) };
        let page = fetch(at.clone()).await?;
        if page.next.as_ref() == Some(&at) {
            return Err(StuckCursor { cursor: format!("{at:?}") }.into());
        }
        let next = page.next.clone();
        Ok(Some((page, (next, fetch))))
    }))
}

/// Walks the items of all pages.
pub fn items<T, C, E>(pages: Results<Page<T, C>, E>) -> Results<T, E>
where
    T: Send + 'static,
    C: Send + 'static,
    E: Send + 'static,
{
    let start = (pages, Vec::new().into_iter());
    Results::new(stream::try_unfold(start, |(mut pages, mut left)| async move {
        loop {
            if let Some(item) = left.next() {
                return Ok(Some((item, (pages, left))));
            }
            match pages.next().await {
                Some(page) => left = page?.items.into_iter(),
                None => return Ok(None),
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    fn walk(sizes: Vec<u8>) -> Results<Page<u32, usize>, StuckCursor> {
        pages(0, move |at| {
            let items = vec![0; usize::from(sizes.get(at).copied().unwrap_or(0))];
            let next = (at + 1 < sizes.len()).then_some(at + 1);
            async move { Ok(Page { items, next }) }
        })
    }

    proptest! {
        #[test]
        fn yields_every_item_of_every_page(sizes in proptest::collection::vec(0_u8..5, 1..20)) {
            let expected: usize = sizes.iter().map(|n| usize::from(*n)).sum();
            let all = block_on(items(walk(sizes)).try_collect()).unwrap();
            prop_assert_eq!(all.len(), expected);
        }
    }

    #[test]
    fn stops_on_a_cursor_that_does_not_move() {
        block_on(async {
            let mut stuck = pages(7, |at| async move {
                Ok::<_, StuckCursor>(Page {
                    items: vec![1],
                    next: Some(if at == 7 { 8 } else { at }),
                })
            });
            assert!(stuck.next().await.unwrap().is_ok());
            let error = stuck.next().await.unwrap().unwrap_err();
            assert!(error.to_string().contains('8'), "{error}");
            assert!(stuck.next().await.is_none(), "nothing follows an error");
        });
    }
}
