//! Which addresses there are and what opens them, read from the OpenAPI document: for the gate, for `Allow` on a wrong
//! method, and for the route labels of metrics and logs, which must never hold an id.

use crate::{
    auth::right::Right,
    error::{ApiError, Code},
};
use actix_web::{dev::ResourceDef, http::Method};
use std::{collections::HashMap, sync::Arc};
use utoipa::openapi::{OpenApi, PathItem, path::Operation};

/// The label of a request that no route took.
const NO_ROUTE: &str = "none";
/// What an id in a path is labelled as.
const ID: &str = "{id}";
/// Characters of a UUID as text.
const UUID_CHARS: usize = 36;

/// All patterns with their methods.
pub(crate) struct Directory {
    by_pattern: HashMap<Arc<str>, usize>,
    routes: Vec<Route>,
    no_route: Arc<str>,
}

struct Route {
    pattern: Arc<str>,
    definition: ResourceDef,
    methods: Vec<(Method, Right)>,
}

impl Directory {
    /// The routes of this document.
    pub(crate) fn of(document: &OpenApi) -> Self {
        let routes: Vec<_> = document
            .paths
            .paths
            .iter()
            .map(|(pattern, item)| Route {
                pattern: pattern.as_str().into(),
                definition: ResourceDef::new(pattern.as_str()),
                methods: methods(item),
            })
            .collect();
        let by_pattern = routes.iter().enumerate().map(|(at, route)| (Arc::clone(&route.pattern), at)).collect();
        Self { by_pattern, routes, no_route: NO_ROUTE.into() }
    }

    /// The pattern that this path fits, or `none`. Cheap for paths whose only parameters are UUIDs, which most are.
    pub(crate) fn label(&self, path: &str) -> Arc<str> {
        self.find(path).map_or_else(|| Arc::clone(&self.no_route), |route| Arc::clone(&route.pattern))
    }

    /// The methods that this path takes, as `Allow` lists them; `None` when there is no such path.
    fn allow(&self, path: &str) -> Option<String> {
        self.find(path).map(|route| route.methods.iter().map(|(method, _)| method.as_str()).collect::<Vec<_>>().join(", "))
    }

    /// What opens this route; `None` when there is no such route.
    pub(crate) fn right(&self, method: &Method, path: &str) -> Option<&Right> {
        self.find(path)?.methods.iter().find(|(known, _)| known == method).map(|(_, right)| right)
    }

    /// What somebody is told who asks for what is not there: a wrong address, or a right one with another method.
    pub(crate) fn refusal(&self, method: &Method, path: &str) -> ApiError {
        match self.allow(path) {
            Some(methods) => ApiError::new(Code::MethodNotAllowed, format!("{method} is not taken here; use {methods}")).allowing(methods),
            None => ApiError::new(Code::NoSuchRoute, format!("there is nothing at {path}; /docs lists all addresses")),
        }
    }

    fn find(&self, path: &str) -> Option<&Route> {
        let without_ids = path.split('/').map(|part| if part.len() == UUID_CHARS { ID } else { part }).collect::<Vec<_>>().join("/");
        match self.by_pattern.get(without_ids.as_str()) {
            Some(at) => self.routes.get(*at),
            None => self.routes.iter().find(|route| route.definition.is_match(path)),
        }
    }
}

fn methods(item: &PathItem) -> Vec<(Method, Right)> {
    let given: [(&Option<Operation>, Method); 5] = [
        (&item.get, Method::GET),
        (&item.post, Method::POST),
        (&item.put, Method::PUT),
        (&item.patch, Method::PATCH),
        (&item.delete, Method::DELETE),
    ];
    let right = |operation: &Operation| Right::declared(operation).unwrap_or_else(Right::undeclared);
    given.into_iter().filter_map(|(operation, method)| Some((method, right(operation.as_ref()?)))).collect()
}
