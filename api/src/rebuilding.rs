//! What is told of a build of read models while it goes on and at its end: alike by the running server, as lines of JSON, and by the
//! command that does it itself.

use serde_json::{Value, json};
use vitrina_projections::runner::{Progress, Rebuilt, Stage, Then};

/// Differences that can be told: a person reads no more, and one answer stays small.
pub const TOLD_MAX: usize = 1_000;

/// How far it is.
pub fn progress(Progress { stage, position, head }: Progress) -> Value {
    match stage {
        Stage::Filling => json!({ "stage": "filling", "position": position.0, "head": head.0 }),
        Stage::Comparing { table, rows } => {
            json!({ "stage": "comparing", "table": table, "rows": rows, "position": position.0, "head": head.0 })
        }
    }
}

/// What became of it.
pub fn report(names: &[String], rebuilt: &Rebuilt) -> Value {
    let comparison = &rebuilt.comparison;
    let tables = comparison.tables.iter().map(|table| {
        json!({
            "model": table.projection,
            "table": table.table,
            "position": table.position.0,
            "old_version": table.old_version,
            "new_version": table.new_version,
            "equal": table.equal,
            "changed": table.changed,
            "gone": table.gone,
            "new": table.new,
            "columns_apart": table.columns_apart,
            "compared": !table.is_apart,
        })
    });
    let differences = comparison.told.iter().map(|difference| {
        json!({
            "table": difference.table,
            "key": difference.key,
            "column": difference.column,
            "old": difference.old,
            "new": difference.new,
            "explained_by_version": difference.by_version.is_some(),
        })
    });
    json!({
        "names": names,
        "position": rebuilt.position.0,
        "switched": rebuilt.then == Then::Switch,
        "rows": comparison.rows(),
        "differing": comparison.unexplained(),
        "differing_by_version": comparison.explained(),
        "tables": tables.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
    })
}

/// The names of the read models that this name stands for; none when there is no such one.
pub fn names(wanted: &str) -> Vec<String> {
    let all = vitrina_projections::all();
    let is_meant = |name: &&str| wanted == vitrina_projections::runner::ALL || wanted == *name;
    all.iter().map(|one| one.name()).filter(is_meant).map(str::to_owned).collect()
}
