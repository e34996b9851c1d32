//! What a webhook endpoint answers to its commands.

use super::{
    Created, Deleted, Disabled, Enabled, OVERLAP, RecoveryRequested, ReplayRequested, SecretRotated, Stage, Tested, Updated, Webhook,
    WebhookAction, WebhookEvent,
};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category};

impl Aggregate for Webhook {
    const CATEGORY: Category = Category::Webhook;
    type Action = WebhookAction;

    fn decide(&self, order: &Order<WebhookAction>) -> Result<Vec<WebhookEvent>, Refusal> {
        use WebhookAction::{Create, Delete, Disable, Enable, Exhaust, Recover, Replay, Rotate, Test, Update};
        Ok(match (self.stage, &order.command) {
            (Stage::Absent, Create(spec, after)) => vec![WebhookEvent::Created(Created { spec: spec.checked()?, after: *after })],
            (_, Create(..)) => return Err(Refusal::AlreadyExists),
            (Stage::Deleted, Delete | Exhaust(_)) => vec![],
            (Stage::Absent | Stage::Deleted, _) => return Err(Refusal::NotFound),
            (_, Update(spec)) => self.update(spec)?,
            (Stage::Disabled(_), Enable) => vec![WebhookEvent::Enabled(Enabled {})],
            (Stage::Enabled, Disable(cause)) => vec![WebhookEvent::Disabled(Disabled { cause: *cause })],
            (_, Enable | Disable(_)) => vec![],
            (_, Delete) => vec![WebhookEvent::Deleted(Deleted {})],
            (_, Rotate) => {
                let generation = self.secrets.generation + 1;
                vec![WebhookEvent::SecretRotated(SecretRotated { generation, previous_until: order.at + OVERLAP })]
            }
            (_, Exhaust(exhausted)) => vec![WebhookEvent::DeliveryExhausted(exhausted.clone())],
            (Stage::Disabled(_), Test) => return Err(self.refuse("test")),
            (Stage::Disabled(_), Replay { .. }) => return Err(self.refuse("replay")),
            (Stage::Disabled(_), Recover { .. }) => return Err(self.refuse("recover")),
            (Stage::Enabled, Test) => vec![WebhookEvent::Tested(Tested {})],
            (Stage::Enabled, Replay { after, upto }) => {
                if !(0..*upto).contains(after) {
                    return Err(Refusal::invalid("/after", "out_of_range", "a position before `upto`, 0 for all"));
                }
                vec![WebhookEvent::ReplayRequested(ReplayRequested { after: *after, upto: *upto })]
            }
            (Stage::Enabled, Recover { since, until }) => {
                if since >= until {
                    return Err(Refusal::invalid("/since", "out_of_range", "an instant before `until`"));
                }
                vec![WebhookEvent::RecoveryRequested(RecoveryRequested { since: *since, until: *until })]
            }
        })
    }

    fn state_name(&self) -> &'static str {
        match self.stage {
            Stage::Absent => "absent",
            Stage::Enabled => "enabled",
            Stage::Disabled(_) => "disabled",
            Stage::Deleted => "deleted",
        }
    }
}

impl Webhook {
    fn update(&self, spec: &super::Spec) -> Result<Vec<WebhookEvent>, Refusal> {
        let spec = spec.checked()?;
        if spec.url.is_some() != self.spec.url.is_some() {
            return Err(Refusal::invalid(
                "/url",
                "immutable",
                "an endpoint with an address keeps one, and a feed has none: make another endpoint",
            ));
        }
        Ok(if spec == self.spec { vec![] } else { vec![WebhookEvent::Updated(Updated { spec })] })
    }

    fn refuse(&self, action: &'static str) -> Refusal {
        Refusal::IllegalTransition { state: self.state_name(), action }
    }
}
