//! The README's walk-through, pasted into a shell as it stands, on both engines.

use std::process::{Command, Stdio};
use vitrina_tests::{
    engine::{Engine, Place},
    server::{OWNER_EMAIL, OWNER_PASSWORD, Server},
};

#[test]
fn the_walkthrough_of_the_readme_works_as_pasted_on_sqlite() {
    paste(&Engine::Sqlite.place("walk"));
}

#[test]
fn the_walkthrough_of_the_readme_works_as_pasted_on_postgresql() {
    paste(&Engine::Postgres.place("walk"));
}

fn paste(place: &Place) {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let script = walkthrough(&std::fs::read_to_string(readme).expect("the README is there"));
    assert!(script.contains("/rating"), "the walk-through comes to a rating");
    let server = Server::start(place);
    // As the reader has it: the address, and the owner's credentials that the first start printed.
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(place.folder())
        .env("VITRINA", format!("http://{}", server.address()))
        .env("OWNER_EMAIL", OWNER_EMAIL)
        .env("OWNER_PASSWORD", OWNER_PASSWORD)
        .stdin(Stdio::null())
        .output()
        .expect("there is a bash");
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    assert!(output.status.success(), "{printed}");
    assert!(!printed.contains("/problems/"), "a step was refused:\n{printed}");
}

/// All `bash` blocks of the section "Walk-through", in order.
fn walkthrough(readme: &str) -> String {
    let (_, section) = readme.split_once("\n## Walk-through").expect("README.md has a section \"Walk-through\"");
    let section = section.split("\n## ").next().unwrap_or(section);
    let blocks = section.split("```bash\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.collect::<Vec<_>>().join("\n")
}
