//! When somebody is to be forgotten: what was rendered and is not sent yet is rendered again, without them.

use super::{Job, Worker};
use std::sync::Arc;
use tokio::time::Instant;
use vitrina_eventlog::{LogError, Position};

impl Worker {
    /// Renders what is held here as it reads after the event at this position.
    pub(super) async fn render_again(&mut self, requested_at: i64) -> Result<(), LogError> {
        let state = self.state.clone();
        // Whoever decodes it has forgotten the key.
        state.log.decode(state.log.read(Position(requested_at - 1), 1).await?).await?;
        state.webhooks.renderer.clear();
        // What is answered to what was sent before may say it again.
        self.forgotten_at = Some(Instant::now());
        self.changes.blank_answers();
        self.read_anew();
        let replayed = self.replay.iter_mut().flat_map(|(_, lane)| &mut lane.queue);
        let held = self.busy.values_mut().flatten();
        for job in self.live.queue.iter_mut().chain(replayed).chain(held).chain(&mut self.ready) {
            render(&state, job).await?;
        }
        Ok(())
    }
}

async fn render(state: &crate::wiring::State, job: &mut Job) -> Result<(), LogError> {
    let recorded = state.log.read(Position(job.event.position - 1), 1).await?;
    if let Some(event) = state.webhooks.renderer.render(state, &recorded).await?.pop() {
        job.event = Arc::clone(&event);
    }
    Ok(())
}
