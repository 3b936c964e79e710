//! How long to wait for the outside world: a deadline and a way to be called off.
//!
//! Everything that waits for a device takes a [`Patience`]; nothing in the runner waits without one.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// A deadline and a cancellation token. Clones share the token.
#[derive(Clone, Debug)]
pub struct Patience {
    deadline: Instant,
    cancelled: watch::Receiver<bool>,
}

/// The other end of a [`Patience`]: calls all waiting off. Dropping it calls nothing off.
#[derive(Debug)]
pub struct Canceller(watch::Sender<bool>);

/// Why waiting ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Impatience {
    /// The deadline has passed.
    Deadline,
    /// The caller called it off.
    Cancelled,
}

impl Canceller {
    /// Ends all waiting on the patience that came with this.
    pub fn cancel(&self) {
        self.0.send_replace(true);
    }
}

impl Patience {
    /// Waits at most this long from now, or until the canceller says so.
    pub fn new(limit: Duration) -> (Self, Canceller) {
        let (sender, cancelled) = watch::channel(false);
        (Self { deadline: Instant::now() + limit, cancelled }, Canceller(sender))
    }

    /// Waits at most this long from now; nobody can call it off.
    pub fn seconds(limit: u64) -> Self {
        Self::new(Duration::from_secs(limit)).0
    }

    /// The same token with a deadline this far from now, whatever the old one was.
    pub fn renewed(&self, limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, cancelled: self.cancelled.clone() }
    }

    /// The same token, waiting at most this long and never past the present deadline.
    pub fn at_most(&self, limit: Duration) -> Self {
        Self { deadline: self.deadline.min(Instant::now() + limit), cancelled: self.cancelled.clone() }
    }

    /// What is left of it; zero when the deadline has passed.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the caller has called it off.
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Waits for `work` as long as patience lasts. The abandoned work is dropped.
    pub async fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, Impatience> {
        if self.is_cancelled() {
            return Err(Impatience::Cancelled);
        }
        let mut cancelled = self.cancelled.clone();
        let called_off = async {
            // An error means that the canceller is gone: nobody can call it off any more.
            if cancelled.wait_for(|flag| *flag).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = called_off => Err(Impatience::Cancelled),
            result = tokio::time::timeout_at(self.deadline, work) => result.map_err(|_| Impatience::Deadline),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_by_deadline_by_cancel_or_by_result() {
        let (patience, canceller) = Patience::new(Duration::from_millis(20));
        assert_eq!(patience.wait(std::future::ready(7)).await, Ok(7));
        assert_eq!(patience.wait(std::future::pending::<()>()).await, Err(Impatience::Deadline));
        let longer = patience.renewed(Duration::from_secs(60));
        let waiting = tokio::spawn(async move { longer.wait(std::future::pending::<()>()).await });
        canceller.cancel();
        assert_eq!(waiting.await.unwrap(), Err(Impatience::Cancelled));
        assert!(Patience::seconds(1).at_most(Duration::from_millis(5)).left() <= Duration::from_millis(5));
    }
}
