//! Several requests at once to one peer: few enough not to drown it, and with the same outcome whichever ends first.

use std::future::Future;

use futures_util::future::join_all;

/// How many requests are under way at one peer.
pub const AT_ONCE: usize = 8;

/// Does `work` on each of `items`, [`AT_ONCE`] at a time, and gives what came of them in their order. What has begun is
/// ended; after a failure nothing more begins, so that the outcomes may be fewer than the items and the failure is among
/// the last of them.
pub async fn several<'a, I, T, E, F>(items: &'a [I], work: impl Fn(&'a I) -> F) -> Vec<Result<T, E>>
where
    F: Future<Output = Result<T, E>>,
{
    let mut outcomes = Vec::with_capacity(items.len());
    for some in items.chunks(AT_ONCE) {
        outcomes.extend(join_all(some.iter().map(&work)).await);
        if outcomes.iter().rev().take(some.len()).any(Result::is_err) {
            break;
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn outcomes_stand_in_the_order_of_the_items_and_a_failure_begins_nothing_more() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |at: &u64| {
            let (at, now, most) = (*at, &now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20 - at % 20)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                if at == 11 { Err(at) } else { Ok(at) }
            }
        };
        let items: Vec<u64> = (0..40).collect();
        let outcomes = several(&items, work).await;
        let told: Vec<u64> = outcomes.iter().map(|outcome| outcome.unwrap_or_else(|at| at)).collect();
        assert_eq!(told, (0..16).collect::<Vec<_>>());
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_err()).count(), 1);
        assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    }
}
