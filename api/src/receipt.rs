//! The receipt of somebody who was forgotten, checked on the command line: whether the account's key has signed what it says.

use serde_json::Value;
use std::{fs::File, io::Read, path::Path, process::ExitCode};
use vitrina_eventlog::trail::note::PublicKey;

/// What a receipt begins with.
const BEGIN: &str = "vitrina/erasure/";
/// An answer of the API with its receipt is no longer: a thousand tables that were taken away.
const RECEIPT_MAX: u64 = 1024 * 1024;

/// Checks a receipt, by itself or as the API answers with it; `None` when the file is something else.
pub fn check(file: &Path, keys: &[PublicKey]) -> Option<ExitCode> {
    let mut text = String::new();
    File::open(file).ok()?.take(RECEIPT_MAX).read_to_string(&mut text).ok()?;
    let said: Option<Value> = serde_json::from_str(&text).ok();
    let receipt = said.and_then(|said| Some(said["receipt"].as_str()?.to_owned())).unwrap_or(text);
    if !receipt.starts_with(BEGIN) {
        return None;
    }
    let is_signed = keys.iter().any(|key| key.has_signed(&receipt));
    receipt.lines().take_while(|line| !line.is_empty()).for_each(|line| println!("{line}"));
    println!(
        "{}",
        match (is_signed, keys.is_empty()) {
            (true, _) => "VERDICT: signed with the key that was given, as it stands here.",
            (false, true) => "VERDICT: without the key anybody may have written it: give the public key with --key.",
            (false, false) => "VERDICT: this is not what was signed.",
        }
    );
    Some(if is_signed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
