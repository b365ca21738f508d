//! Signals that ask the program to end, on a thread of their own.

/// Calls `handle` at Ctrl-C, at SIGTERM and when the terminal hangs up, which its argument says; not at
/// those that the program was told to ignore, as `nohup` and shells with background jobs do. Without
/// a thread to listen on, signals end the program as they end any other.
#[cfg(unix)]
pub(super) fn listen(mut handle: impl FnMut(bool) + Send + 'static) {
    use nix::sys::signal::{SigSet, Signal};

    let ignored = ignored();
    let mut heard = SigSet::empty();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let is_ignored = match ignored {
            Some(mask) => mask & (1 << (signal as u32 - 1)) != 0,
            // Left to the system where it does not say: it ends the program, or is ignored.
            None => signal == Signal::SIGHUP,
        };
        if !is_ignored {
            heard.add(signal);
        }
    }
    // Threads that start from here on do not take them.
    if heard.thread_block().is_err() {
        return;
    }
    let wait = move || {
        while let Ok(signal) = heard.wait() {
            handle(signal == Signal::SIGHUP);
        }
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    if thread.spawn(wait).is_err() {
        let _ = heard.thread_unblock();
    }
}

/// The signals that this program was told to ignore when it was started, the first in the lowest bit;
/// nothing where the system does not say.
#[cfg(unix)]
fn ignored() -> Option<u64> {
    let status = std::io::read_to_string(crate::files::open_system("/proc/self/status").ok()?);
    mask(&status.ok()?)
}

/// The mask of ignored signals in the status of a process.
#[cfg(unix)]
fn mask(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|l| l.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

/// Calls `handle` at Ctrl-C.
#[cfg(not(unix))]
pub(super) fn listen(mut handle: impl FnMut(bool) + Send + 'static) {
    // Without a handler the program still runs, and Ctrl-C still ends it.
    let _ = ctrlc::set_handler(move || handle(false));
}

#[cfg(all(test, unix))]
mod tests {
    use super::mask;

    #[test]
    fn ignored_signals_are_read_from_the_status() {
        let status =
            "Name:\tkzsim\nSigBlk:\t0000000000004000\nSigIgn:\t0000000000001001\nSigCgt:\t0\n";
        assert_eq!(mask(status), Some(0x1001));
        assert_eq!(mask("Name:\tkzsim\n"), None);
    }
}
