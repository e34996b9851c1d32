//! What a browser is told about a page before it runs it: only its own scripts, only its own camera, in nobody's frame.

use actix_web::{HttpResponseBuilder, http::header};

/// Scripts, styles and fonts come from here only; nothing is written into the page. Pictures of products are in the shop.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' https: http: data: blob:; \
    media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// What a call needs, for this page alone.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), picture-in-picture=(self), autoplay=(self), \
    fullscreen=(self), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// For a page. It talks to its own server, and to the other processes of it (`nodes`), where a call's media may be.
pub(super) fn guard(response: &mut HttpResponseBuilder, nodes: &[String]) {
    plain(response);
    let sockets = nodes.iter().map(|node| format!(" {}", node.replacen("http", "ws", 1)));
    let content = format!("{CONTENT}; connect-src 'self'{}", sockets.collect::<String>());
    response
        .insert_header((header::CONTENT_SECURITY_POLICY, content))
        .insert_header(("Permissions-Policy", PERMISSIONS))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"));
}

/// For what a page loads.
pub(super) fn plain(response: &mut HttpResponseBuilder) {
    response
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // The address of a call is nobody else's business.
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
}
