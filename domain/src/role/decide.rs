//! What a role answers to its commands.

use super::{Created, Deleted, Role, RoleAction, RoleEvent, Standing, Updated};
use crate::{aggregate::Aggregate, order::Order, refusal::Refusal, stream::Category, text};

impl Aggregate for Role {
    const CATEGORY: Category = Category::Role;
    type Action = RoleAction;

    fn decide(&self, order: &Order<RoleAction>) -> Result<Vec<RoleEvent>, Refusal> {
        let action = &order.command;
        match (self.standing, action) {
            (Standing::Absent, RoleAction::Create { .. }) => {}
            (Standing::Active, RoleAction::Create { .. }) => return Err(Refusal::AlreadyExists),
            (Standing::Active, _) => {}
            (Standing::Absent, _) => return Err(Refusal::NotFound),
            (Standing::Deleted, _) => return Err(Refusal::IllegalTransition { state: "deleted", action: action.name() }),
        }
        Ok(match action {
            RoleAction::Create { name, modules } => {
                vec![RoleEvent::Created(Created { name: text::label("/name", name)?, modules: modules.clone() })]
            }
            RoleAction::Update { name, modules } => {
                let name = text::optional(name, |name| text::label("/name", name))?.filter(|name| *name != self.name);
                let modules = modules.clone().filter(|modules| *modules != self.modules);
                let updated = Updated { name, modules };
                if updated == Updated::default() { vec![] } else { vec![RoleEvent::Updated(updated)] }
            }
            RoleAction::Delete => vec![RoleEvent::Deleted(Deleted {})],
        })
    }

    fn state_name(&self) -> &'static str {
        match self.standing {
            Standing::Absent => "absent",
            Standing::Active => "active",
            Standing::Deleted => "deleted",
        }
    }
}
