use super::FetchError;
use std::time::Duration;

/// No pause is longer, whatever a server asks for.
const LONGEST_PAUSE: Duration = Duration::from_mins(2);

/// How often a track was tried again, and how often it may be.
#[derive(Debug, Clone, Copy)]
pub struct Tries {
    used: u64,
    most: u64,
    first_pause: Duration,
}

impl Tries {
    pub fn new(most: u64, first_pause: Duration) -> Self {
        Self { used: 0, most, first_pause }
    }

    /// How many faults there were.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Counts a fault: how long to wait until the next try, or the error where there is none.
    pub fn after(&mut self, error: FetchError) -> Result<Duration, FetchError> {
        if !error.may_pass() {
            return Err(error);
        }
        self.used += 1;
        let asked = match &error {
            FetchError::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        let doubled = self.first_pause.saturating_mul(1 << (self.used - 1).min(20));
        let pause = asked.unwrap_or(doubled.min(LONGEST_PAUSE));
        if self.used >= self.most || pause > LONGEST_PAUSE {
            return Err(FetchError::GaveUp { message: error.to_string(), tries: self.used, source: Box::new(error) });
        }
        Ok(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heaters_domain::Fault;

    fn status(status: u16, retry_after: Option<u64>) -> FetchError {
        FetchError::Status { status, url: "u".to_owned(), retry_after: retry_after.map(Duration::from_secs) }
    }

    #[test]
    fn pauses_double_and_tries_are_bounded() {
        let mut tries = Tries::new(4, Duration::from_secs(1));
        let pauses: Vec<u64> = (0..3).map(|_| tries.after(status(503, None)).unwrap().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4]);
        let error = tries.after(status(503, None)).unwrap_err();
        assert_eq!(error.tries(), 4);
        assert_eq!(error.sentence(), "The site answered with the error 503. It was tried 4 times.");
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again() {
        for code in [400, 401, 403, 404, 410, 416] {
            assert!(Tries::new(9, Duration::ZERO).after(status(code, None)).is_err(), "{code}");
        }
    }

    #[test]
    fn a_server_is_left_alone_as_long_as_it_asks_unless_that_is_too_long() {
        let mut tries = Tries::new(9, Duration::from_secs(1));
        assert_eq!(tries.after(status(429, Some(7))).unwrap().as_secs(), 7);
        assert!(tries.after(status(429, Some(3600))).is_err());
    }
}
