//! The circuit breaker: how far equity may fall before everything is closed.

/// The highest close of the equity and the fall from it that is too much.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CircuitBreaker {
    share: f64,
    highest: f64,
    /// True from the close at which the fall was too much until nothing is held any more.
    is_open: bool,
}

impl CircuitBreaker {
    /// A breaker at a fall of `share`; the first highest close is the capital.
    pub(super) fn new(share: f64, capital: f64) -> Self {
        Self { share, highest: capital, is_open: false }
    }

    /// True while everything is being closed.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// Looks at the equity of a close; true if this is the one that is too much:
    /// `equity <= highest * (1 - share)`.
    pub(super) fn trips(&mut self, equity: f64) -> bool {
        if self.is_open {
            return false;
        }
        self.highest = self.highest.max(equity);
        self.is_open = equity <= self.highest * (1.0 - self.share);
        self.is_open
    }

    /// Nothing is held any more: the highest close starts anew.
    pub(super) fn reset(&mut self, equity: f64) {
        (self.highest, self.is_open) = (equity, false);
    }
}

#[cfg(test)]
mod tests {
    use super::CircuitBreaker;

    #[test]
    fn it_trips_once_and_starts_anew_when_it_is_reset() {
        let mut breaker = CircuitBreaker::new(0.25, 100.0);
        let falls: Vec<bool> = [76.0, 120.0, 90.5, 90.0, 50.0].map(|e| breaker.trips(e)).into();
        assert_eq!(falls, [false, false, false, true, false]);
        assert!(breaker.is_open());
        breaker.reset(60.0);
        assert_eq!([60.0, 45.5, 45.0].map(|equity| breaker.trips(equity)), [false, false, true]);
    }
}
