//! The domain, tested given/when/then over cqrs-es's test framework: one file per aggregate, then what holds for all.

mod account;
mod api_key;
mod attribution;
mod call;
mod call_abilities;
mod call_cart;
mod call_media;
mod call_recording;
mod call_routing;
mod call_states;
mod conversation;
mod conversation_states;
mod customer;
mod export;
mod floor;
mod given;
mod golden;
mod purchase;
mod rating;
mod replay;
mod role;
mod routing;
mod samples;
mod shopper;
mod text;
mod user;
