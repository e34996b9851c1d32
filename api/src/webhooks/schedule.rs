//! When what could not be told is tried again: the published schedule (PRODUCT.md 5.11), spread by a jitter that is no chance.

use ring::digest;
use std::time::Duration;
use vitrina_domain::ids::WebhookId;

/// One part in so many, up or down.
const JITTER: f64 = 0.1;

/// The pause after the `attempts`th attempt at telling the event of this position; `None` when it was the last.
pub(crate) fn pause(schedule: &[Duration], webhook: WebhookId, position: i64, attempts: u32) -> Option<Duration> {
    let planned = schedule.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    Some(planned.mul_f64(1.0 + JITTER * spread(webhook, position, attempts)))
}

/// Between -1 and 1, the same for the same.
fn spread(webhook: WebhookId, position: i64, attempts: u32) -> f64 {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(webhook.0.as_bytes());
    context.update(&position.to_be_bytes());
    context.update(&attempts.to_be_bytes());
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&context.finish().as_ref()[..4]);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX) * 2.0 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ONE: WebhookId = WebhookId(Uuid::from_u128(1));

    fn published() -> Vec<Duration> {
        crate::Config::load(None, []).unwrap().webhook_pauses
    }

    #[test]
    fn ten_attempts_end_after_three_days_and_some_hours() {
        let seconds: Vec<u64> = published().iter().map(Duration::as_secs).collect();
        assert_eq!(seconds, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
        assert_eq!(seconds.iter().sum::<u64>(), 272_105);
        assert!(pause(&published(), ONE, 7, 9).is_some());
        assert_eq!(pause(&published(), ONE, 7, 10), None);
    }

    #[test]
    fn the_jitter_is_a_tenth_at_most_the_same_again_and_another_for_others() {
        let hour = [Duration::from_secs(3_600)];
        let pauses: Vec<_> = (0..1_000).map(|position| pause(&hour, ONE, position, 1).unwrap().as_secs()).collect();
        assert!(pauses.iter().all(|pause| (3_240..=3_960).contains(pause)));
        assert!(pauses.iter().any(|pause| *pause < 3_300) && pauses.iter().any(|pause| *pause > 3_900));
        assert_eq!(pause(&hour, ONE, 7, 1), pause(&hour, ONE, 7, 1));
        assert_ne!(pause(&hour, ONE, 7, 1), pause(&hour, WebhookId(Uuid::from_u128(2)), 7, 1));
    }
}
