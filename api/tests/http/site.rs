//! What a browser gets: pages with the headers that keep them safe, or, without a build of `web`, the command that makes one.

use crate::app::TestApp;

const PAGES: [&str; 5] =
    ["/", "/call/018f0000-0000-7000-8000-000000000000", "/recording/018f0000-0000-7000-8000-000000000000", "/ratings", "/ratings/web"];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_comes_with_its_guard_and_says_the_command_where_it_is_not_built() {
    let app = TestApp::start().await;
    for path in PAGES {
        let answer = app.get(path, "").await;
        assert!(answer.headers["content-security-policy"].contains("script-src 'self'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer", "{path}");
        assert!(answer.headers["permissions-policy"].contains("camera=(self)"), "{path}");
        match answer.status {
            200 => {
                let again = app.request("GET", path).header("If-None-Match", &answer.headers["etag"]).send().await;
                assert_eq!(again.status, 304, "{path}");
            }
            _ => assert!(answer.body.contains("npm --prefix web ci"), "{path}"),
        }
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_there_is_a_problem_and_no_page() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/assets/nothing.js", "").await.problem(404), "no_such_route");
    app.stop().await;
}
