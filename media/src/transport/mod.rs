//! Packets from and to the network, driven by what [`crate::core`] decides. Built on the layers of `rtc` (DTLS, SRTP, STUN, SDP, RTCP).
mod answer;
mod arrivals;
mod bandwidth;
mod control;
mod ice;
mod missing;
mod offer;
mod packet;
mod secure;
