//! Which call an order goes back to: asked once for each order, when it is told. The answer follows from what was in the log by
//! then, so that every process and every repetition gives the same command under the same id.

use super::{OriginError, id::derived};
use crate::{CommandError, CommandMeta, Executor, Unit};
use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, join_all};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use vitrina_domain::{
    account::AttributionRule,
    actor::Actor,
    call::CallEvent,
    ids::{AccountId, CallId, CustomerId, EventId, OrderId, ShopperId},
    metrics::attribution::{CLOCKS_APART, Encounter, choose, credit},
    purchase::{Attributed, Attribution, Placed, Purchase, PurchaseAction, PurchaseEvent},
    stream::Category,
};
use vitrina_eventlog::{Environment, LogError, Position, StreamId, Version, subscription::Filter};

/// Who attributes, as events name their actor.
const MANAGER: &str = "attribution";
/// The event that asks for it.
const PLACED: &str = "order.placed";
/// Events in one read of the log, or of a call.
const READ_EVENTS_MAX: usize = 1_000;
/// Orders that are looked at at once.
const TOGETHER: usize = 8;

/// An order whose call is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// Whose.
    pub account: AccountId,
    /// The cart that it was made of.
    pub cart_id: Option<String>,
    /// Who bought.
    pub customer_id: Option<CustomerId>,
    /// Calls that were made after it do not matter; it is a moment later than the order, since two clocks are compared.
    pub before: DateTime<Utc>,
    /// Trials and real calls are apart.
    pub environment: Environment,
    /// As of this position.
    pub as_of: Position,
}

/// Orders that wait.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// All that were told up to here, and not attributed, are among them.
    pub position: Position,
    /// Of all accounts.
    pub orders: Vec<(AccountId, OrderId)>,
}

/// The read models that help to find an order's call, through a trait that the server wires. What depends on a position is as it
/// was there, or fails while it has not been reached.
pub trait Ledger: Send + Sync + 'static {
    /// Orders of which nobody has looked yet.
    fn waiting(&self) -> BoxFuture<'_, Result<Waiting, OriginError>>;
    /// Which orders go back to calls.
    fn rule(&self, account: AccountId, as_of: Position) -> BoxFuture<'_, Result<AttributionRule, OriginError>>;
    /// The calls that had the cart, and those of the customer, of the order's environment.
    fn calls<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Result<BTreeSet<CallId>, OriginError>>;
    /// The collections of a shopper.
    fn collections(&self, account: AccountId, shopper: ShopperId, as_of: Position) -> BoxFuture<'_, Result<BTreeSet<String>, OriginError>>;
}

/// Why an order waits on.
#[derive(Debug, thiserror::Error)]
enum Later {
    #[error(transparent)]
    Ledger(#[from] OriginError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// The orders that wait, and how far the log was read. A value that a test can step.
pub struct Attributor<L> {
    executor: Executor,
    ledger: L,
    position: Position,
    waiting: VecDeque<(AccountId, OrderId)>,
}

impl<L: Ledger> Attributor<L> {
    /// One that begins with what waits.
    ///
    /// # Errors
    /// When the read models are away.
    pub async fn begin(executor: Executor, ledger: L) -> Result<Self, OriginError> {
        let Waiting { position, orders } = ledger.waiting().await?;
        Ok(Self { executor, ledger, position, waiting: orders.into() })
    }

    /// Everything up to here was read.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Whether an order waits.
    pub fn has_work(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Reads which orders were told since.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn catch_up(&mut self) -> Result<(), LogError> {
        let head = self.executor.log().head();
        let filter = Filter { types: Some([PLACED].into()), ..Filter::default() };
        while self.position < head {
            let events = self.executor.log().read(self.position, READ_EVENTS_MAX).await?;
            let Some(last) = events.last() else { return Ok(()) };
            self.position = last.position;
            let placed = events.iter().filter(|event| filter.passes(event));
            self.waiting.extend(placed.map(|event| (event.stream.account, OrderId(event.stream.id))));
        }
        Ok(())
    }

    /// Looks at all that wait. Answers whether any has to wait on.
    pub async fn act(&mut self, now: DateTime<Utc>) -> bool {
        let mut left = VecDeque::new();
        for _ in 0..self.waiting.len().div_ceil(TOGETHER) {
            let together: Vec<_> = self.waiting.drain(..self.waiting.len().min(TOGETHER)).collect();
            let outcomes = join_all(together.iter().map(|(account, order)| self.attribute(*account, *order, now))).await;
            for (which, outcome) in together.into_iter().zip(outcomes) {
                if let Err(error) = outcome {
                    metrics::counter!("vitrina_process_retries_total").increment(1);
                    tracing::warn!(%error, order = %which.1, "an order is attributed later");
                    left.push_back(which);
                }
            }
        }
        self.waiting = left;
        self.has_work()
    }

    async fn attribute(&self, account: AccountId, order: OrderId, now: DateTime<Utc>) -> Result<(), Later> {
        let stream = StreamId::new(account, Category::Order, order);
        let page = self.executor.log().read_stream(stream, Version::ZERO, READ_EVENTS_MAX).await?;
        let recorded = page.clone();
        let mut placed = None;
        for (event, recorded) in self.executor.log().decode_as::<PurchaseEvent>(page).await?.into_iter().zip(&recorded) {
            match event {
                PurchaseEvent::Placed(order) => placed = Some((order, recorded.position, recorded.event_id, recorded.environment)),
                PurchaseEvent::Attributed(_) => return Ok(()),
                _ => {}
            }
        }
        let Some((placed, position, cause, environment)) = placed else { return Ok(()) };
        let rule = self.ledger.rule(account, position).await?;
        let attribution = self.find(account, &placed, position, environment, rule).await?;
        let attributed = Attributed { window_days: rule.window_days, attribution };
        Ok(self.write(account, order, cause, attributed, now).await?)
    }

    async fn find(
        &self,
        account: AccountId,
        placed: &Placed,
        position: Position,
        environment: Environment,
        rule: AttributionRule,
    ) -> Result<Option<Attribution>, Later> {
        if placed.cart_id.is_none() && placed.customer_id.is_none() {
            return Ok(None);
        }
        let sought = Sought {
            account,
            cart_id: placed.cart_id.clone(),
            customer_id: placed.customer_id,
            before: placed.placed_at + CLOCKS_APART,
            environment,
            as_of: position,
        };
        let calls = self.ledger.calls(&sought).await?;
        let mut encounters = Vec::new();
        for call in calls {
            encounters.extend(self.encounter(account, call, placed, position).await?);
        }
        let Some((encounter, by)) = choose(placed, &encounters, rule.window()) else { return Ok(None) };
        let as_of = self.executor.log().position_at(placed.placed_at).await?.min(position);
        let mut collections = BTreeMap::new();
        for shopper in encounter.shoppers() {
            collections.insert(shopper, self.ledger.collections(account, shopper, as_of).await?);
        }
        Ok(Some(credit(placed, encounter, by, &collections)))
    }

    /// What had happened in the call, as far as it was in the log before the order.
    async fn encounter(&self, account: AccountId, call: CallId, placed: &Placed, position: Position) -> Result<Option<Encounter>, Later> {
        let stream = StreamId::new(account, Category::Call, call);
        let (mut recorded, mut events) = (Vec::new(), Vec::new());
        let mut version = Version::ZERO;
        loop {
            let page = self.executor.log().read_stream(stream, version, READ_EVENTS_MAX).await?;
            let is_last = page.len() < READ_EVENTS_MAX || page.last().is_none_or(|event| event.position >= position);
            version = page.last().map_or(version, |event| event.version);
            let before: Vec<_> = page.into_iter().take_while(|event| event.position < position).collect();
            recorded.extend(before.iter().cloned());
            events.extend(self.executor.log().decode_as::<CallEvent>(before).await?);
            if is_last {
                break;
            }
        }
        let told = recorded.iter().zip(&events).map(|(recorded, event)| (recorded.recorded_at, &recorded.actor, event));
        Ok(Encounter::until(placed.placed_at, call, told))
    }

    async fn write(
        &self,
        account: AccountId,
        order: OrderId,
        cause: EventId,
        attributed: Attributed,
        now: DateTime<Utc>,
    ) -> Result<(), CommandError> {
        let id = derived(MANAGER, order.0, cause, 0);
        let actor = Actor::System(MANAGER.to_owned());
        let meta = CommandMeta { causation_id: Some(cause), ..CommandMeta::new(account, id, actor, now) };
        let unit = |unit: &mut Unit<'_>| unit.run::<Purchase>(order, PurchaseAction::Attribute(Box::new(attributed.clone())));
        match self.executor.execute(&meta, unit).await {
            Ok(_) => {
                let rule = attributed.attribution.as_ref().map_or("none", |attribution| attribution.rule.as_str());
                metrics::counter!("vitrina_orders_attributed_total", "rule" => rule).increment(1);
                Ok(())
            }
            // Another process was faster.
            Err(CommandError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
