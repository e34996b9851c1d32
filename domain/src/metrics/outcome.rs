//! How a closed conversation ended (PRODUCT.md I20, 5.4): a pure function of two facts, one conversation at a time.

use crate::conversation::Outcome;

/// What the outcome follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// How many different shoppers took part; bots do not count.
    pub agents: usize,
    /// Whether the customer wrote after the first public message of an agent.
    pub customer_answered: bool,
}

/// The outcome, by the precedence *escalated, no agent, no answer, success*.
///
/// A conversation in which an agent took part but never wrote is *no answer* by either published meaning; which of
/// the two it was stands in `agent_replied` of `conversation.closed`.
pub fn outcome(facts: Facts) -> Outcome {
    match facts {
        Facts { agents: 2.., .. } => Outcome::Escalated,
        Facts { agents: 0, .. } => Outcome::NoAgent,
        Facts { customer_answered: false, .. } => Outcome::NoAnswer,
        Facts { customer_answered: true, .. } => Outcome::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(agents: usize, customer_answered: bool) -> Outcome {
        outcome(Facts { agents, customer_answered })
    }

    #[test]
    fn two_agents_are_an_escalation_whatever_else_happened() {
        assert_eq!(of(2, false), Outcome::Escalated);
        assert_eq!(of(3, true), Outcome::Escalated);
    }

    #[test]
    fn nobody_having_joined_comes_before_the_customers_silence() {
        assert_eq!(of(0, false), Outcome::NoAgent);
        assert_eq!(of(0, true), Outcome::NoAgent);
    }

    #[test]
    fn one_agent_and_a_silent_customer_is_no_answer() {
        assert_eq!(of(1, false), Outcome::NoAnswer);
    }

    #[test]
    fn one_agent_and_a_customer_who_wrote_back_is_a_success() {
        assert_eq!(of(1, true), Outcome::Success);
    }
}
