//! Who gets in, and from where.

use crate::fabric::Fabric;

#[tokio::test]
async fn no_token_and_a_forged_one_are_refused() {
    let fabric = Fabric::connect().await;
    let url = format!("{}/v1/videos", fabric.api_url);
    let none = fabric.http.get(&url).send().await.unwrap();
    assert_eq!(none.status(), 401);
    assert_eq!(none.headers()["content-type"], "application/problem+json");
    let (head, signature) = fabric.token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    assert_eq!(fabric.http.get(&url).bearer_auth(forged).send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn only_the_site_may_call_from_a_browser() {
    let fabric = Fabric::connect().await;
    let url = format!("{}/v1/videos", fabric.api_url);
    let call = |origin: String| fabric.http.get(&url).bearer_auth(&fabric.token).header("origin", origin).send();
    let foreign = call("https://elsewhere.example".to_owned()).await.unwrap();
    let allowed = foreign.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned());
    assert!(!matches!(allowed.as_deref(), Some("*" | "https://elsewhere.example")), "{allowed:?}");
    let site = reqwest::Url::parse(&fabric.site_url).unwrap().origin().ascii_serialization();
    let own = call(site.clone()).await.unwrap();
    assert_eq!(own.headers()["access-control-allow-origin"], site);
}

#[tokio::test]
async fn the_site_is_served_with_its_pages() {
    let fabric = Fabric::connect().await;
    let index = fabric.http.get(&fabric.site_url).send().await.unwrap();
    assert!(index.status().is_success());
    assert!(index.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let base = reqwest::Url::parse(&fabric.site_url).unwrap();
    for page in ["grid.html", "activity.html", "review.html", "search.html", "config.json"] {
        let answer = fabric.http.get(base.join(page).unwrap()).send().await.unwrap();
        assert!(answer.status().is_success(), "{page}: {}", answer.status());
    }
}
