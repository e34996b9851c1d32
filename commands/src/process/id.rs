//! Ids of the commands that process managers give: a digest of what leads to them, so that the same cause gives the same
//! command, in every process and after every restart.

use ring::digest;
use uuid::Uuid;
use vitrina_domain::ids::CommandId;

/// The id of what `manager` does to `target` because of `cause`, an event or whatever else there is one of; `nth` tells apart what one event may lead to several times.
pub fn derived(manager: &str, target: Uuid, cause: impl Into<Uuid>, nth: i64) -> CommandId {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(manager.as_bytes());
    context.update(&[0]);
    context.update(target.as_bytes());
    context.update(cause.into().as_bytes());
    context.update(&nth.to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&context.finish().as_ref()[..16]);
    CommandId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrina_domain::ids::EventId;

    #[test]
    fn the_same_cause_has_the_same_id_and_another_has_another() {
        let (target, cause) = (Uuid::from_u128(1), EventId(Uuid::from_u128(2)));
        assert_eq!(derived("offer", target, cause, 0), derived("offer", target, cause, 0));
        let others = [derived("claim", target, cause, 0), derived("offer", cause.0, cause, 0), derived("offer", target, cause, 1)];
        assert!(others.iter().all(|other| *other != derived("offer", target, cause, 0)));
    }
}
