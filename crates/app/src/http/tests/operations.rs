//! The operations pages of a bureau in which nothing has happened yet: each opens for who may,
//! teaches what it is for, and its deeds do what they say.

use super::*;

/// Every page that the billing clerk opens, in both languages.
#[tokio::test]
async fn every_page_of_an_empty_bureau_teaches() {
    let house = House::open().await;
    for path in [
        "/console",
        "/console/exceptions",
        "/console/exceptions?severity=all&rule=vee.high&from=2026-06-01&to=2026-06-30",
        "/console/collection",
        "/console/imports",
        "/console/settlement",
        "/console/months",
        "/console/tariffs",
        "/console/jobs",
        "/console/jobs?state=dead",
    ] {
        let response = house.get(path, "clerk").await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let page = text(response).await;
        let teaches = path == "/console" || page.contains("class=\"empty\"");
        assert!(teaches && page.contains("<h1>"), "{path}: {page}");
    }
    for path in ["/console/exceptions.csv", "/console/settlement.csv"] {
        let response = house.get(path, "clerk").await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let house = House::open().await;
    for path in [
        "/console/exceptions/7",
        "/console/exceptions/x",
        "/console/settlement/7",
        "/console/imports/7",
        "/console/jobs/7",
        "/console/tariffs/7",
        "/console/months/never/issue",
        "/console/work/7",
    ] {
        assert_eq!(house.get(path, "clerk").await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    for cursor in ["/console/exceptions?after=drop", "/console/jobs?after=%27"] {
        let status = house.get(cursor, "clerk").await.status();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{cursor}");
    }
}

#[tokio::test]
async fn settlement_begins_with_a_day_and_becomes_one_job() {
    let house = House::open().await;
    let wrong = house.post("/console/settlement", "clerk", "first=2999-01-01").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(wrong).await.contains("It must lie before today"));
    for _ in 0..2 {
        let begun = house.post("/console/settlement", "clerk", "first=2026-06-01").await;
        assert_eq!(location(&begun), "/console/settlement");
    }
    let mut tx = house.web.works.db.read().await.unwrap();
    let last = Id::from_i64(i64::MAX);
    let queued = store::jobs_in_state(&mut tx, store::JobState::Queued, last, 9).await.unwrap();
    assert_eq!(queued.len(), 1, "asked twice, done once");
    assert_eq!(queued[0].name, crate::work::SETTLE_DAYS);
    let page = text(house.get("/console/settlement", "clerk").await).await;
    let part = format!("/console/work/{}", queued[0].id);
    assert!(page.contains(&format!("hx-get=\"{part}\"")), "its progress keeps up to date: {page}");
    let part = text(house.get(&part, "clerk").await).await;
    assert!(part.contains("Waiting") && !part.contains("<html"), "{part}");
}

#[tokio::test]
async fn no_month_is_closed_before_its_days_are_settled() {
    let house = House::open().await;
    let response = house.post("/console/months", "clerk", "from=2026-06-01").await;
    assert_eq!(location(&response), "/console/months");
    let mut tx = house.web.works.db.read().await.unwrap();
    let jobs = store::jobs(&mut tx, Id::from_i64(i64::MAX), 9).await.unwrap();
    assert!(jobs.is_empty(), "{jobs:?}");
}

#[tokio::test]
async fn who_may_not_manage_sees_no_users_and_no_audit() {
    let house = House::open().await;
    for path in ["/console/users", "/console/audit", "/console/audit.csv"] {
        let status = house.get(path, "none").await.status();
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
    }
    let refused = house.post("/console/users/1/grant", "clerk", "role=1&org=1").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}
