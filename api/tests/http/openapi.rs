//! The description of the API is pinned: a change of the API shows in a diff.

#[test]
fn the_description_is_the_pinned_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let now = vitrina_api::openapi::json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap_or_default();
    assert!(pinned == now, "the API has changed: look at it, and run with UPDATE_GOLDEN=1 to pin it");
}

#[test]
fn what_endpoints_are_told_is_the_pinned_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/asyncapi.json");
    let now = vitrina_api::asyncapi::json();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap_or_default();
    assert!(pinned == now, "what endpoints are told has changed: look at it, and run with UPDATE_GOLDEN=1 to pin it");
    let document: serde_json::Value = serde_json::from_str(&now).unwrap();
    for (_, name, _) in vitrina_domain::event::Event::catalogue() {
        assert!(document["components"]["schemas"][name]["properties"]["data"].is_object(), "{name}");
    }
}

#[test]
fn every_operation_says_what_it_is_for_and_how_it_refuses() {
    let document: serde_json::Value = serde_json::from_str(&vitrina_api::openapi::json()).unwrap();
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            operations += 1;
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}");
            assert!(operation["responses"]["default"]["content"]["application/problem+json"].is_object(), "{method} {path}");
            assert!(operation["tags"][0].is_string(), "{method} {path}");
        }
    }
    assert!(operations > 60, "{operations}");
}

#[test]
fn every_route_declares_what_opens_it() {
    let document: serde_json::Value = serde_json::from_str(&vitrina_api::openapi::json()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let rights: Vec<_> = operation["x-right"].as_array().unwrap().iter().map(|right| right.as_str().unwrap()).collect();
            let is_operators = ["/v1/rebuilds", "/v1/accounts"].contains(&path.as_str());
            assert_eq!(rights == ["operator"], is_operators, "{method} {path} declares no security, or a word that means nothing");
            assert_eq!(rights.contains(&"public"), operation["security"].as_array().unwrap().contains(&serde_json::json!({})));
        }
    }
}

#[test]
fn operation_ids_are_unique() {
    let document: serde_json::Value = serde_json::from_str(&vitrina_api::openapi::json()).unwrap();
    let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let mut ids: Vec<_> = items.filter_map(|operation| operation["operationId"].as_str()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

/// The description names a shape by its type's name alone: of two types of one name, the later one would stand for both.
#[test]
fn no_two_shapes_share_a_name() {
    let mut names = Vec::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                names.extend(shapes(&std::fs::read_to_string(&entry).unwrap()));
            }
        }
    }
    assert!(names.len() > 100, "{}", names.len());
    names.sort_unstable();
    let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(twice.is_empty(), "{twice:?}");
}

/// Names of the types of this source that are shapes of the description.
fn shapes(source: &str) -> Vec<String> {
    let derived =
        source.split("#[derive(").skip(1).filter(|rest| rest.split(")]").next().is_some_and(|derives| derives.contains("ToSchema")));
    let name = |rest: &str| {
        let line = rest.lines().find(|line| line.contains("struct ") || line.contains("enum "))?;
        let after = line.split_once("struct ").or_else(|| line.split_once("enum "))?.1;
        Some(after.chars().take_while(|c| c.is_alphanumeric()).collect())
    };
    derived.filter_map(name).collect()
}
