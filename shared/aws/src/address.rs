use std::time::{Duration, SystemTime};

/// From when and for how long an address is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    pub from: SystemTime,
    pub lasts: Duration,
}

impl Validity {
    /// A validity that is the same for a whole `step` of time, so that an object's address stays the same too:
    /// whoever asks again gets the same answer, and a browser's cache knows it. At `now` it has still `at_least` to go.
    pub fn stable(now: SystemTime, step: Duration, at_least: Duration) -> Self {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let steps = since.as_secs() / step.as_secs().max(1);
        let from = SystemTime::UNIX_EPOCH + step * u32::try_from(steps).unwrap_or(0);
        Self { from, lasts: at_least + step }
    }

    pub fn ends(&self) -> SystemTime {
        self.from + self.lasts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_the_same_for_a_while_and_valid_long_enough() {
        let (step, at_least) = (Duration::from_mins(30), Duration::from_hours(1));
        let start = SystemTime::UNIX_EPOCH + Duration::from_hours(500_000);
        let first = Validity::stable(start, step, at_least);
        assert_eq!(first, Validity { from: start, lasts: Duration::from_mins(90) });
        assert_eq!(Validity::stable(start + Duration::from_secs(1799), step, at_least), first);
        let later = start + Duration::from_secs(1801);
        let next = Validity::stable(later, step, at_least);
        assert!(next != first && next.ends() >= later + at_least && next.from <= later);
    }
}
