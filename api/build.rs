//! Has the pages embedded anew when `web` was built anew.

fn main() {
    // A path that is not there would count as changed each time, and recompile the crate each time.
    let watched = if std::path::Path::new("../web/dist").exists() { "../web/dist" } else { "../web" };
    println!("cargo:rerun-if-changed={watched}");
}
