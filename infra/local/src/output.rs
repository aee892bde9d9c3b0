//! What people see while they wait: a spinner on a terminal, plain lines elsewhere. All of it goes to
//! stderr, so that stdout holds results alone.

use indicatif::{ProgressBar, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// One line about what is being done.
#[derive(Debug)]
pub struct Steps {
    bar: Option<ProgressBar>,
}

impl Steps {
    pub fn start() -> Self {
        Self { bar: is_terminal().then(spinner) }
    }

    pub fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(text.to_owned()),
            None => eprintln!("{text}"),
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

pub fn is_terminal() -> bool {
    std::io::stderr().is_terminal()
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar over bytes with rate and time left. Hidden where there is no terminal.
pub fn byte_bar(name: &str, size_bytes: u64) -> ProgressBar {
    let bar = if is_terminal() { ProgressBar::new(size_bytes) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{prefix} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_prefix(name.to_owned());
    bar
}

/// A bar over per cent with the stage's name.
pub fn stage_bar(name: &str) -> ProgressBar {
    let bar = if is_terminal() { ProgressBar::new(100) } else { ProgressBar::hidden() };
    let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos:>3} %  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_prefix(name.to_owned());
    bar
}

/// A duration for people: `0.8 s`, `3 min 20 s`.
pub fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..60_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1000),
    }
}

/// A bar over a video's frames; `frames` is 0 where nobody knows how many there are.
pub fn frame_bar(name: &str, frames: u64) -> ProgressBar {
    let bar = match frames {
        _ if !is_terminal() => ProgressBar::hidden(),
        0 => ProgressBar::no_length(),
        _ => ProgressBar::new(frames),
    };
    let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} frames {per_sec} {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_prefix(name.to_owned());
    bar
}

#[cfg(test)]
mod tests {
    #[test]
    fn durations_are_for_people() {
        assert_eq!([850, 12_340, 200_000].map(super::duration), ["0.8 s", "12.3 s", "3 min 20 s"]);
    }
}
