//! The SFU: participants of a call send their picture and sound here once, and it goes to everybody else.
//!
//! So far the pure core: who gets which track and layer, and how packets are renumbered for each receiver. It does no
//! I/O and reads no clock; packets and time come in as values.

pub mod core;
