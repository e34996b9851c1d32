//! Events of a customer.

use crate::{event::events, personal::Personal};
use serde::{Deserialize, Serialize};

events! {
    /// What happened to a customer.
    CustomerEvent {
        /// The shop met the customer.
        Created(Profile) = "customer.created", 1;
        /// Details were given or corrected; absent ones stay unless they are cleared.
        Updated(Profile) = "customer.updated", 1;
    }
}

/// What is known of a customer; `customer.created` and `customer.updated`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The shop's own id of the customer; unique in the account by a claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Personal<String>>,
    /// Telephone, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Personal<String>>,
    /// Postal address (Z06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    /// BCP 47 tag of the browser's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The shop's segment, such as `vip` (V02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The company that a B2B customer buys for (V02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What is no longer known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<Detail>,
}

/// A detail that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The shop's own id of the customer.
    ExternalId,
    /// Name.
    Name,
    /// E-mail address.
    Email,
    /// Telephone.
    Phone,
    /// Postal address.
    Address,
    /// Language.
    Language,
    /// Country.
    Country,
    /// Segment.
    Segment,
    /// Company.
    Company,
}
