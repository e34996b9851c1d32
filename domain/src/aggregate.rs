//! What every aggregate is: a pure decision and a pure fold, under cqrs-es's own trait.
//!
//! `decide` looks and answers with events; `apply` (of `cqrs_es::Aggregate`) changes. Both are synchronous and free of
//! I/O, so a decision may be taken again after a conflict.

use crate::{event::EventSet, order::Order, refusal::Refusal, stream::Category};

/// An aggregate whose stream is (account, [`Self::CATEGORY`], id).
pub trait Aggregate:
    cqrs_es::Aggregate<Command = Order<Self::Action>, Event: EventSet, Error = Refusal, Services = ()> + Clone + 'static
{
    /// The category of its streams.
    const CATEGORY: Category;
    /// Its commands.
    type Action: Send + 'static;

    /// The events that the order leads to in this state; none when there is nothing to change.
    ///
    /// # Errors
    /// The [`Refusal`] that the caller is told.
    fn decide(&self, order: &Order<Self::Action>) -> Result<Vec<Self::Event>, Refusal>;

    /// The state's name, for refusals and answers.
    fn state_name(&self) -> &'static str;
}

/// Implements cqrs-es's `Aggregate` by [`Aggregate::decide`] and the aggregate's own `fold(&mut self, Event)`.
macro_rules! impl_cqrs {
    ($aggregate:ty, $category:expr, $action:ty, $event:ty) => {
        impl cqrs_es::Aggregate for $aggregate {
            const TYPE: &'static str = $category.as_str();
            type Command = $crate::order::Order<$action>;
            type Event = $event;
            type Error = $crate::refusal::Refusal;
            type Services = ();

            async fn handle(
                &mut self,
                command: Self::Command,
                _services: &Self::Services,
                sink: &cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), Self::Error> {
                for event in $crate::aggregate::Aggregate::decide(self, &command)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: Self::Event) {
                self.fold(event);
            }
        }
    };
}
pub(crate) use impl_cqrs;
