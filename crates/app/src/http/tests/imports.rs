//! Files handed in through the console: the form, its limit, the token, and what is told of rows.

use super::*;

const SEAM: &str = "seam-of-the-form";
pub(super) const READINGS: &[u8] = b"usage_point,at,total\n9900000000,2026-01-02 00:00,1\n";

impl House {
    /// Sends a file as a browser does, with the token in the address.
    pub(super) async fn upload(
        &self,
        who: &str,
        fields: &[(&str, &str)],
        bytes: &[u8],
    ) -> Response<Body> {
        let path = format!("/console/imports/new?_csrf={}", self.csrf(who));
        self.upload_to(&path, who, fields, bytes).await
    }

    async fn upload_to(
        &self,
        path: &str,
        who: &str,
        fields: &[(&str, &str)],
        bytes: &[u8],
    ) -> Response<Body> {
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--{SEAM}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--{SEAM}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{SEAM}--\r\n").into_bytes());
        let mut request = self.request(&Method::POST, path, who);
        let kind = format!("multipart/form-data; boundary={SEAM}");
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_str(&kind).unwrap());
        *request.body_mut() = Body::from(body);
        self.send(request).await
    }

    /// Does what the worker would.
    async fn look_through(&self, id: Id) {
        let (works, actor) = (&self.web.works, Actor::program("test"));
        let org = self.org().await;
        supply::intake::look_through(works, &actor, org, id, &|_, _, _| {}).await.unwrap();
    }

    async fn org(&self) -> Id {
        let mut tx = self.web.works.db.read().await.unwrap();
        access::root_organisation(&mut tx).await.unwrap().unwrap().id
    }
}

pub(super) const FIELDS: [(&str, &str); 2] = [("kind", "readings"), ("policy", "keep_good")];

#[tokio::test]
async fn a_file_is_kept_looked_through_and_put_aside() {
    let house = House::open().await;
    let form = text(house.get("/console/imports/new", "clerk").await).await;
    assert!(form.contains("enctype=\"multipart/form-data\"") && form.contains("Up to 1 MiB"));
    assert!(!form.contains("value=\"customers\""), "a billing clerk may not write customers");
    let sent = house.upload("clerk", &FIELDS, READINGS).await;
    let there = location(&sent).to_owned();
    let id: Id = there.rsplit('/').next().unwrap().parse().unwrap();
    let waiting = house.get(&there, "clerk").await;
    assert_eq!(waiting.headers()["refresh"], "2", "the page comes again without a script");
    assert!(text(waiting).await.contains("Look a file through"));
    house.look_through(id).await;
    let page = house.get(&there, "clerk").await;
    assert!(!page.headers().contains_key("refresh"));
    let page = text(page).await;
    assert!(page.contains("nothing new") && page.contains("9900000000"), "{page}");
    assert_eq!(house.get(&there, "none").await.status(), StatusCode::FORBIDDEN);
    let csv = text(house.get(&format!("{there}/refused.csv"), "clerk").await).await;
    assert!(csv.starts_with("\u{feff}line,column,reason,content\r\n2,"), "{csv}");
    let aside = house.post(&format!("{there}/discard"), "clerk", "").await;
    assert_eq!(location(&aside), "/console/imports");
    let key = supply::intake::key_of(id);
    assert!(house.web.works.lake.store().fetch(&key).is_err(), "its bytes are gone");
    let again = house.post(&format!("{there}/approve"), "clerk", "").await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    let list = text(house.get("/console/imports", "clerk").await).await;
    assert!(list.contains("a.csv") && list.contains("Put aside"), "{list}");
    let mut tx = house.web.works.db.read().await.unwrap();
    let now = house.web.works.db.now();
    let (from, to) = (now.plus_seconds(-60), now.plus_seconds(60));
    let last = Id::from_i64(i64::MAX);
    let right = Right::ReadingImport.name();
    let org = access::root_organisation(&mut tx).await.unwrap().unwrap().id;
    let trail = store::audit_between(&mut tx, org, from, to, "", right, "", last, 9).await.unwrap();
    let whats: Vec<_> = trail.iter().map(|row| row.after_json.clone().unwrap()).collect();
    assert!(whats[0].contains("discarded") && whats[1].contains("handed_in"), "{whats:?}");
}

#[tokio::test]
async fn what_is_too_large_empty_or_not_theirs_is_not_kept() {
    let house = House::open().await;
    let large = house.upload("clerk", &FIELDS, &vec![b'x'; (1 << 20) + 1]).await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text(large).await.contains("more than 1 MiB"));
    let empty = house.upload("clerk", &FIELDS, b"").await;
    assert_eq!(empty.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(empty).await.contains("Choose a file"));
    let other = house.upload("clerk", &[("kind", "customers")], READINGS).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY, "no right to write customers");
    let none = house.upload("none", &FIELDS, READINGS).await;
    assert_eq!(none.status(), StatusCode::FORBIDDEN);
    let forged = house.upload_to("/console/imports/new?_csrf=no", "clerk", &FIELDS, READINGS).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN, "the token is asked for");
    assert!(house.web.works.lake.store().list("intake/").unwrap().is_empty());
}
