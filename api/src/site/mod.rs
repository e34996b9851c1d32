//! What people open in a browser: the pages of `web`, embedded when it was built, with the headers that keep them safe.
//!
//! Pages are asked for anew each time and answered with `304` while they are the same; what they load has a digest in its
//! name and is kept for a year. Without a build of `web` every page says which command makes one.

mod built;
mod headers;

use crate::{
    error::{ApiError, Code, Result},
    wiring::State,
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, EntityTag, IfNoneMatch},
    web,
};
use built::{File, Page};

/// The routes of the pages. None is under `/v1`: they are open to everybody and hold no data.
pub(crate) fn serve(app: &mut web::ServiceConfig) {
    app.route("/", web::get().to(async |request: HttpRequest| page(&request, Page::Floor)))
        .route("/call/{id}", web::get().to(async |request: HttpRequest| page(&request, Page::Call)))
        .route("/recording/{id}", web::get().to(async |request: HttpRequest| page(&request, Page::Recording)))
        .route("/ratings", web::get().to(async |request: HttpRequest| page(&request, Page::Ratings)))
        .route("/ratings/{channel}", web::get().to(async |request: HttpRequest| page(&request, Page::Ratings)))
        .route("/assets/{name}", web::get().to(asset));
}

fn page(request: &HttpRequest, page: Page) -> HttpResponse {
    let nodes = request.app_data::<web::Data<State>>().map(|state| state.config.media_nodes.as_slice()).unwrap_or_default();
    match built::page(page) {
        Some(file) if is_known(request, &file) => {
            let mut response = HttpResponse::NotModified();
            headers::guard(&mut response, nodes);
            response.insert_header((header::ETAG, file.tag)).finish()
        }
        Some(file) => {
            let mut response = HttpResponse::Ok();
            headers::guard(&mut response, nodes);
            response
                .content_type(file.media_type)
                .insert_header((header::CACHE_CONTROL, "no-cache"))
                .insert_header((header::ETAG, file.tag))
                .body(file.bytes)
        }
        None => {
            let mut response = HttpResponse::ServiceUnavailable();
            headers::guard(&mut response, nodes);
            response.content_type("text/html; charset=utf-8").insert_header((header::CACHE_CONTROL, "no-store")).body(built::MISSING)
        }
    }
}

async fn asset(name: web::Path<String>) -> Result<HttpResponse> {
    let file = built::asset(&name).ok_or_else(|| ApiError::new(Code::NoSuchRoute, "there is no such file; open the page anew"))?;
    let mut response = HttpResponse::Ok();
    headers::plain(&mut response);
    Ok(response
        .content_type(file.media_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(file.bytes))
}

/// Whether the browser has this very file.
fn is_known(request: &HttpRequest, file: &File) -> bool {
    let ours: Result<EntityTag, _> = file.tag.parse();
    let (Ok(ours), Ok(theirs)) = (ours, <IfNoneMatch as header::Header>::parse(request)) else { return false };
    match theirs {
        IfNoneMatch::Any => true,
        IfNoneMatch::Items(tags) => tags.iter().any(|tag| tag.weak_eq(&ours)),
    }
}
