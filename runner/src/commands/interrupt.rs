//! Who interrupts a transaction (Ctrl-C, the end of a job) calls it off; who does so twice leaves it as it stands.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::apply::Options;
use crate::cli::tell;
use crate::commands::apply::runtime;
use crate::failure::Failure;
use crate::patience::{Canceller, Patience};

/// How shells tell a program that SIGINT has ended.
const LEFT: i32 = 130;

/// Runs a transaction. The first SIGINT or SIGTERM calls it off, see [`Options::patience`]; the second ends the program:
/// the journal then says what is where, to the next `apply` or `rollback`.
///
/// # Errors
/// The system gives no threads.
pub fn run<T>(mut options: Options, work: impl AsyncFnOnce(&Options) -> T) -> Result<T, Failure> {
    let (patience, canceller) = Patience::new(options.patience.left());
    options.patience = patience;
    Ok(runtime()?.block_on(async {
        let listening = tokio::spawn(listen(canceller));
        let done = work(&options).await;
        listening.abort();
        done
    }))
}

async fn listen(canceller: Canceller) {
    // Without them the system's own way holds: the program ends, and the journal says what is where.
    let (Ok(mut interrupts), Ok(mut ends)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
        return;
    };
    either(&mut interrupts, &mut ends).await;
    tell("interrupted: taking back, unless all have committed; once more leaves it to the next apply or rollback\n");
    canceller.cancel();
    either(&mut interrupts, &mut ends).await;
    tell("left as it stands\nnext: ranform rollback\n");
    std::process::exit(LEFT);
}

async fn either(interrupts: &mut Signal, ends: &mut Signal) {
    tokio::select! {
        _ = interrupts.recv() => {}
        _ = ends.recv() => {}
    }
}
