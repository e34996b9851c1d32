//! The attribution of orders beside the server: the read models by which an order finds its call.

use crate::writing::Commands;
use chrono::Utc;
use futures_util::future::BoxFuture;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use vitrina_commands::process::{
    OriginError, Selling,
    attribution::{Ledger, Sought, Waiting},
};
use vitrina_domain::{
    account::AttributionRule,
    ids::{AccountId, CallId, ShopperId},
};
use vitrina_eventlog::Position;
use vitrina_projections::{
    Error, Page, Period, Runner, Store, accounts,
    calls::{self, CallFilter},
    orders, shoppers,
};

/// Orders that a start begins with, at most; each one that is done makes room for the next start's.
const WAITING_MAX: u32 = 100_000;
/// Calls of a cart, or of a customer, that are looked at: the newest. Nobody has so many within a quarter of a year.
const CALLS_MAX: u32 = 100;
/// How long a look waits for the read models; then the order waits.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The read models.
#[derive(Clone)]
struct Kept {
    store: Store,
    runner: Arc<Runner>,
}

impl Kept {
    async fn reached(&self, position: Position) -> Result<(), OriginError> {
        self.runner.at_least(position, WAIT_MAX).await.map(|_| ()).map_err(away)
    }
}

fn away(error: Error) -> OriginError {
    OriginError(error.chain())
}

impl Ledger for Kept {
    fn waiting(&self) -> BoxFuture<'_, Result<Waiting, OriginError>> {
        Box::pin(async {
            // What is applied after this look is read from the log.
            let position = self.runner.position();
            Ok(Waiting { position, orders: orders::waiting(&self.store, WAITING_MAX).await.map_err(away)? })
        })
    }

    fn rule(&self, account: AccountId, as_of: Position) -> BoxFuture<'_, Result<AttributionRule, OriginError>> {
        Box::pin(async move {
            self.reached(as_of).await?;
            let row = accounts::get(&self.store, account, as_of).await.map_err(away)?;
            Ok(row.map(|at| at.row.attribution.0).unwrap_or_default())
        })
    }

    fn calls<'a>(&'a self, sought: &'a Sought) -> BoxFuture<'a, Result<BTreeSet<CallId>, OriginError>> {
        Box::pin(async move {
            self.reached(sought.as_of).await?;
            let mut found = BTreeSet::new();
            if let Some(cart) = &sought.cart_id {
                found.extend(orders::calls_of_cart(&self.store, sought.account, cart, sought.environment, CALLS_MAX).await.map_err(away)?);
            }
            if let Some(customer) = sought.customer_id {
                let filter = CallFilter {
                    customer: Some(customer),
                    environment: Some(sought.environment),
                    created: Period { from: None, to: Some(sought.before) },
                    ..CallFilter::default()
                };
                let rows =
                    calls::list(&self.store, sought.account, &filter, Page::first(sought.as_of, CALLS_MAX)).await.map_err(away)?.rows;
                found.extend(rows.into_iter().map(|at| at.row.call_id));
            }
            Ok(found)
        })
    }

    fn collections(&self, account: AccountId, shopper: ShopperId, as_of: Position) -> BoxFuture<'_, Result<BTreeSet<String>, OriginError>> {
        Box::pin(async move {
            self.reached(as_of).await?;
            let row = shoppers::get(&self.store, account, shopper, as_of).await.map_err(away)?;
            Ok(row.map(|at| at.row.collections.0.into_iter().collect()).unwrap_or_default())
        })
    }
}

/// Starts it; nobody does where there is no executor.
pub(crate) fn start(commands: &Commands, store: &Store, runner: &Arc<Runner>) -> Option<Selling> {
    let Commands::Executor(executor) = commands else { return None };
    let kept = Kept { store: store.clone(), runner: Arc::clone(runner) };
    Some(Selling::start(executor.clone(), kept, Arc::new(Utc::now)))
}
