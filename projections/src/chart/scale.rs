//! Round figures for an axis.

/// Marks of an axis at most.
const MARKS_MAX: f64 = 5.0;

/// From where to where an axis goes, and how far its marks are apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) step: f64,
}

impl Scale {
    /// From 0 to at least this, in round steps; steps of counts are whole.
    pub(super) fn up_to(most: f64) -> Self {
        let step = round_step(most.max(1.0) / MARKS_MAX).max(1.0);
        Self { from: 0.0, to: (most.max(1.0) / step).ceil() * step, step }
    }

    /// Between these.
    pub(super) fn between(from: f64, to: f64) -> Self {
        Self { from, to, step: round_step((to - from).max(1.0) / MARKS_MAX) }
    }

    /// The marks.
    pub(super) fn marks(self) -> impl Iterator<Item = f64> {
        let count = ((self.to - self.from) / self.step).round() as u32;
        (0..=count).map(move |index| self.from + f64::from(index) * self.step)
    }

    /// Where a figure is, from 0 at the begin to 1 at the end.
    pub(super) fn place(self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// The next of 1, 2, 2.5 or 5 times a power of ten; whole from 10 on.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let steps = if power >= 10.0 { [1.0, 2.0, 2.5, 5.0, 10.0] } else { [1.0, 2.0, 5.0, 5.0, 10.0] };
    steps.into_iter().map(|step| step * power).find(|step| *step >= least * 0.999_999).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn axes_have_few_round_marks_and_reach_the_most() {
        for (most, marks) in [(0.0, 2), (1.0, 2), (12.0, 4), (99.0, 6), (101.0, 6), (1_000_000.0, 6)] {
            let scale = Scale::up_to(most);
            assert!(scale.to >= most, "{scale:?}");
            assert_eq!(scale.marks().count(), marks, "{most}: {scale:?}");
        }
        assert_eq!(Scale::between(-100.0, 100.0).marks().collect::<Vec<_>>(), [-100.0, -50.0, 0.0, 50.0, 100.0]);
    }
}
