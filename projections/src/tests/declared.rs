//! What the code declares is what the engines have.

use super::engines::{Place, descriptors, physical};
use crate::{
    fold::Scrubs,
    runner::builds,
    sql::{EngineName, Value},
    table::Physical,
};
use vitrina_domain::{
    retention::{ContentExpired, ContentKind},
    subject::{Forgotten, SubjectKind},
};
use vitrina_eventlog::Position;

#[tokio::test]
async fn the_columns_of_every_table_are_those_of_its_struct() {
    for place in Place::all().await {
        let store = place.open().await;
        let writer = store.writer().await.unwrap();
        for descriptor in descriptors() {
            let table = Physical::new(descriptor, 1, 77, store.engine_name());
            writer.script(table.ddl(store.engine_name())).await.unwrap();
            let statement = match store.engine_name() {
                EngineName::Sqlite => "SELECT name, type, \"notnull\" FROM pragma_table_info($1) ORDER BY cid",
                EngineName::Postgres => {
                    "SELECT column_name::TEXT, UPPER(data_type), CASE WHEN is_nullable = 'NO' THEN 1 ELSE 0 END
                     FROM information_schema.columns WHERE table_schema = 'views' AND table_name = $1 ORDER BY ordinal_position"
                }
            };
            let stored = writer.query(statement, vec![Value::Text(table.name.clone())]).await.unwrap();
            let hidden = descriptor.kind.hidden();
            let declared: Vec<_> = descriptor
                .stored()
                .into_iter()
                .map(|(name, ty)| {
                    let nullable = !hidden.contains(&name) && descriptor.columns.iter().any(|c| c.name == name && c.nullable);
                    vec![Value::Text(name.into()), Value::Text(ty.sql().into()), Value::Int(i64::from(!nullable))]
                })
                .collect();
            assert_eq!(stored, declared, "{}", descriptor.name);
        }
    }
}

#[tokio::test]
async fn every_statement_is_taken_by_both_engines() {
    for place in Place::all().await {
        let store = place.open().await;
        let writer = store.writer().await.unwrap();
        builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
        assert!(crate::statements().len() > 25);
        for statement in crate::statements() {
            store.prepare(statement).await.unwrap_or_else(|e| panic!("{}\n{statement}", e.chain()));
        }
    }
}

#[test]
fn names_of_projections_and_tables_are_used_once() {
    let mut projections: Vec<_> = crate::all().iter().map(|p| p.name()).collect();
    let mut tables: Vec<_> = descriptors().iter().map(|d| d.name).collect();
    for names in [&mut projections, &mut tables] {
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

#[tokio::test]
async fn the_views_for_people_are_made_and_can_be_read() {
    let Some(place) = Place::postgres().await else { return };
    let store = place.open().await;
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let views = "SELECT table_name::TEXT FROM information_schema.views WHERE table_schema = 'bi' ORDER BY table_name";
    let views = writer.query(views, Vec::new()).await.unwrap();
    assert_eq!(views.len(), 7);
    for view in views.into_iter().flatten() {
        let Value::Text(view) = view else { panic!("a name is a text") };
        writer.query(&format!("SELECT COUNT(*) FROM bi.{view}"), Vec::new()).await.unwrap();
    }
}

/// `accounts::only` looks at the first two rows of all; the builds are a few; of media sessions an index holds the open ones only; orders wait for a moment; the subqueries of a list are scanned by their
/// nature.
const SCANNED: &[&str] = &[
    "SCAN accounts_",
    "SCAN media_sessions_",
    "SCAN projections",
    "SCAN waiting_orders_",
    "SCAN newest",
    "SCAN ended",
    "SCAN closed",
    "SCAN valid",
    "SCAN counting",
    "SCAN page",
    "SCAN words",
];

#[tokio::test]
async fn a_page_of_orders_comes_in_order_from_the_index_of_its_filter() {
    let place = Place::sqlite();
    let store = place.open().await;
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let orders = physical(&store, "orders").await;
    for (lead, index) in [
        ("AND customer_id = $7 ", "customer"),
        ("AND call_id = $8 ", "call"),
        ("AND stage = $6 ", "stage"),
        ("AND currency = $10 ", "currency"),
        ("AND environment = $12 ", "environment"),
        ("FROM order_shoppers", ""),
    ] {
        let statement = crate::orders::STATEMENTS.iter().find(|statement| statement.contains(lead)).unwrap();
        let plan = writer.query(&format!("EXPLAIN QUERY PLAN {statement}"), Vec::new()).await.unwrap();
        let text = |step| if let Value::Text(text) = step { Some(text) } else { None };
        let steps: Vec<_> = plan.into_iter().flatten().filter_map(text).collect();
        let is_led = |step: &String| index.is_empty() || step.contains(&format!("INDEX {orders}_{index} "));
        assert!(steps.iter().any(is_led), "{lead}: {steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{lead}: {steps:?}");
    }
}

#[tokio::test]
async fn whether_a_cart_was_used_later_is_looked_up_by_the_cart() {
    let place = Place::sqlite();
    let store = place.open().await;
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let index = format!("INDEX {}_cart ", physical(&store, "report_facts").await);
    let asking: Vec<_> = crate::statements().into_iter().filter(|statement| statement.contains("e.measure = 'cart'")).collect();
    assert!(asking.len() > 3);
    for statement in asking {
        let plan = writer.query(&format!("EXPLAIN QUERY PLAN {statement}"), Vec::new()).await.unwrap();
        let is_led = |step: &Value| matches!(step, Value::Text(text) if text.contains(&index));
        assert!(plan.iter().flatten().any(is_led), "{plan:?}\n{statement}");
    }
}

#[tokio::test]
async fn no_statement_goes_through_a_whole_table_or_account() {
    let place = Place::sqlite();
    let store = place.open().await;
    let writer = store.writer().await.unwrap();
    builds::prepare(&writer, &crate::all(), Position::ZERO).await.unwrap();
    let mut statements: Vec<_> = crate::statements().into_iter().map(str::to_owned).collect();
    let id = uuid::Uuid::from_u128(1);
    let (conversations, calls) = (vec![id.into()], vec![id.into()]);
    let expired = ContentExpired { content: ContentKind::Messages, conversations: conversations.clone() };
    let forgotten = Forgotten { kind: SubjectKind::Customer, part: 0, conversations, calls };
    for projection in crate::all() {
        let mut scrubs = Scrubs::default();
        projection.forgets(id.into(), id.into(), &forgotten, &mut scrubs);
        projection.expires(id.into(), &expired, &mut scrubs);
        for scrub in scrubs.0 {
            let descriptor = descriptors().into_iter().find(|descriptor| descriptor.name == scrub.table).unwrap();
            let table = Physical::new(descriptor, 1, 1, store.engine_name());
            let table = Physical { name: physical(&store, scrub.table).await, ..table };
            statements.push(table.found_by(scrub.by, scrub.order));
        }
    }
    for statement in statements {
        let plan = writer.query(&format!("EXPLAIN QUERY PLAN {statement}"), Vec::new()).await.unwrap();
        for step in plan.into_iter().flatten() {
            let Value::Text(step) = step else { continue };
            let fine = !step.starts_with("SCAN") || SCANNED.iter().any(|scan| step.starts_with(scan));
            assert!(fine, "{step}\n{statement}");
            // Of a log's tree an account has one row.
            assert!(!step.ends_with("PRIMARY KEY (account_id=?)") || step.contains("log_trees_"), "{step}\n{statement}");
            if std::env::var_os("SHOW_PLANS").is_some() {
                println!("{step}");
            }
        }
    }
}
