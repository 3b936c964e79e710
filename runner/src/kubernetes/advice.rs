//! What a busy server says about when to come back: `Retry-After`, which the client library does not pass on.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tower_layer::Layer;
use tower_service::Service;

/// The last advice that was given and not yet taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Advice(Arc<AtomicU64>);

impl Advice {
    /// How long the server wants to be left alone; told once.
    pub(super) fn take(&self) -> Duration {
        Duration::from_secs(self.0.swap(0, Ordering::Relaxed))
    }
}

impl<S> Layer<S> for Advice {
    type Service = Advised<S>;

    fn layer(&self, inner: S) -> Advised<S> {
        Advised { inner, advice: self.clone() }
    }
}

/// A service whose answers are looked at for advice.
#[derive(Clone, Debug)]
pub(super) struct Advised<S> {
    inner: S,
    advice: Advice,
}

impl<S, Request, Body> Service<Request> for Advised<S>
where
    S: Service<Request, Response = hyper::Response<Body>>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let (answer, advice) = (self.inner.call(request), self.advice.clone());
        Box::pin(async move {
            let answer = answer.await?;
            let header = answer.headers().get(hyper::header::RETRY_AFTER);
            // A date is left aside: API servers give seconds.
            let seconds = header.and_then(|value| value.to_str().ok()?.trim().parse().ok());
            advice.0.store(seconds.unwrap_or(0), Ordering::Relaxed);
            Ok(answer)
        })
    }
}
