//! What is read and looked up beside the connection, one thing at a time: whether the credential still holds comes first, then
//! what was asked about a call's media, then pages of what was written before.

use super::{Phase, Session, admission::caller_of};
use crate::{
    auth::caller::Caller,
    error::{Code, Result},
    live::{
        catch_up::Page,
        media::{self, About, Answered},
        outbox::Slot,
    },
    reading,
};
use futures_util::future::LocalBoxFuture;
use std::{sync::Arc, time::Duration};

/// Pause before a credential is looked at again when the read models could not say.
const RECHECK_PAUSE: Duration = Duration::from_millis(200);

/// What is done beside the connection.
pub(super) struct Work {
    /// The subscription that it is for.
    pub(super) slot: Option<Slot>,
    pub(super) future: LocalBoxFuture<'static, Finished>,
}

/// What was done beside the connection.
pub(super) enum Finished {
    Page(Slot, Result<Box<Page>>),
    /// What was asked about a call's media.
    Answered(About, Answered),
    Checked(Option<Caller>),
}

impl Session {
    /// What is to be done beside the connection, if anything.
    pub(super) fn next_work(&mut self) -> Option<Work> {
        let state = self.state.clone();
        if let Some(position) = self.recheck.take() {
            let (token, user) = (self.token.clone(), self.connection.user);
            let check = async move {
                loop {
                    // When they lag for long they say so, and the question is asked again.
                    let applied = reading::wait_for(&state, position).await;
                    if let Some(user) = user {
                        state.sessions.forget_user(user);
                    }
                    if applied.is_ok() {
                        match caller_of(&state, &token).await {
                            Ok(caller) => return Finished::Checked(Some(caller)),
                            Err(error) if error.code() == Code::Unauthenticated => return Finished::Checked(None),
                            Err(_) => {}
                        }
                    }
                    tokio::time::sleep(RECHECK_PAUSE).await;
                }
            };
            return Some(Work { slot: None, future: Box::pin(check) });
        }
        if let Some(asked) = self.asked.pop_front() {
            let (caller, connection) = (self.caller.clone(), Arc::clone(&self.connection));
            let about = asked.about();
            let carry_out = async move { Finished::Answered(about, media::carry_out(state, caller, connection, asked).await) };
            return Some(Work { slot: None, future: Box::pin(carry_out) });
        }
        let mut waiting =
            self.subscriptions.iter_mut().zip(0..).filter_map(|(subscription, slot)| Some((subscription.as_mut()?, Slot(slot))));
        let (subscription, slot) = waiting.find(|(subscription, _)| matches!(subscription.phase, Phase::CatchingUp(_)))?;
        match std::mem::replace(&mut subscription.phase, Phase::Reading) {
            Phase::CatchingUp(catch_up) => {
                let read = async move { Finished::Page(slot, catch_up.next(state).await.map(Box::new)) };
                Some(Work { slot: Some(slot), future: Box::pin(read) })
            }
            other => {
                subscription.phase = other;
                None
            }
        }
    }
}
