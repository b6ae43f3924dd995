//! One request's visitor: who they are, what they prefer, where they stand, and what was left to
//! tell them. The frame makes it; handlers take it as an argument.

use std::{net::SocketAddr, sync::Arc};

use access::{Actor, Ctx, Right};
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use store::Tx;

use super::{
    Failure, Web, console, cookies,
    door::{self, Known, Side},
    i18n::{Locale, Words},
    secret,
    ui::{Flash, Page, Preferences, Sign, Theme, Who},
};

struct Inner {
    web: Web,
    known: Option<Known>,
    nobody: Actor,
    token: Option<String>,
    visitor: String,
    new_visitor: bool,
    preferences: Preferences,
    here: String,
    path: String,
    reference: String,
    flashes: Vec<Flash>,
    from: String,
}

/// What of a request says who its visitor is.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub uri: &'a Uri,
    pub headers: &'a HeaderMap,
    pub address: Option<SocketAddr>,
}

/// Where a request came from, when the server was told to note it.
pub(super) fn address(extensions: &axum::http::Extensions) -> Option<SocketAddr> {
    extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)
}

/// One request's visitor; cheap to clone.
#[derive(Clone)]
pub struct Visit(Arc<Inner>);

impl Visit {
    /// Reads the request's cookies and asks `access` whose session it is.
    ///
    /// # Errors
    /// What the database fails with.
    pub(super) async fn open(web: &Web, request: Seen<'_>) -> Result<Self, Failure> {
        let mut visit = Self::anonymous(web, request);
        let cookie = cookies::read(request.headers, cookies::SESSION);
        // A program's key in a cookie would do deeds without the token that forms carry.
        let cookie = cookie.filter(|token| !access::is_program_token(token));
        if let Some(token) = bearer(request.headers).or(cookie) {
            let known = door::recognise(web, token, visit.t().locale()).await?;
            if let Some(inner) = Arc::get_mut(&mut visit.0) {
                inner.token = known.is_some().then(|| token.to_owned());
                inner.known = known;
            }
        }
        Ok(visit)
    }

    /// The visitor without their session: for files, health checks and when nobody can be asked.
    pub(super) fn anonymous(web: &Web, request: Seen<'_>) -> Self {
        let Seen { uri, headers, address } = request;
        let cookie = |name| cookies::read(headers, name);
        let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok());
        let old = cookie(cookies::VISITOR).filter(|v| v.len() == 32);
        let visitor =
            old.map_or_else(|| secret::hex(&web.works.random.bytes::<16>()), str::to_owned);
        let language = cookie(cookies::LANGUAGE).and_then(Locale::from_tag);
        let preferences = Preferences {
            locale: language.unwrap_or_else(|| {
                Locale::from_accept_language(text(header::ACCEPT_LANGUAGE).unwrap_or_default())
            }),
            theme: cookie(cookies::THEME).and_then(Theme::from_name).unwrap_or_default(),
            compact: cookie(cookies::DENSITY) == Some("compact"),
        };
        let address = address.map(|a| a.ip().to_string()).unwrap_or_default();
        Self(Arc::new(Inner {
            known: None,
            nobody: Actor::visitor(),
            token: None,
            new_visitor: old.is_none(),
            preferences,
            here: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            path: uri.path().to_owned(),
            reference: secret::hex(&web.works.random.bytes::<8>()),
            flashes: cookie(cookies::FLASH).map(|v| read_flashes(&visitor, v)).unwrap_or_default(),
            from: format!("{address} {}", text(header::USER_AGENT).unwrap_or_default()),
            visitor,
            web: web.clone(),
        }))
    }

    /// The words of their language.
    #[must_use]
    pub fn t(&self) -> Words {
        Words(self.0.preferences.locale)
    }

    /// The state of the door.
    #[must_use]
    pub fn web(&self) -> &Web {
        &self.0.web
    }

    /// Who they are, when they are signed in.
    #[must_use]
    pub fn known(&self) -> Option<&Known> {
        self.0.known.as_ref()
    }

    /// Who they are.
    ///
    /// # Errors
    /// [`Failure::not_signed_in`]; a guarded route has seen to it that this does not happen.
    pub fn person(&self) -> Result<&Known, Failure> {
        self.known().ok_or_else(Failure::not_signed_in)
    }

    /// Whether their role gives this right at any organisation.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.known().is_some_and(|k| k.side == Side::Staff && !k.actor.scope(right).is_empty())
    }

    /// Who acts, for operations: the person, or a visitor without any right.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.known().map_or(&self.0.nobody, |known| &known.actor)
    }

    /// What operations are given beside their transaction.
    #[must_use]
    pub fn ctx(&self) -> Ctx<'_> {
        let web = &self.0.web;
        Ctx::new(web.works.db.clock().as_ref(), &web.works.random, self.actor(), self.reference())
    }

    /// Ends an operation: commits what went well; drops what did not, and writes refusals into
    /// the audit trail.
    ///
    /// # Errors
    /// The operation's own failure, or that of the commit.
    pub async fn finish<T, E: Into<Failure>>(
        &self,
        ctx: &Ctx<'_>,
        tx: Tx,
        done: Result<T, E>,
    ) -> Result<T, Failure> {
        match done {
            Ok(done) => {
                tx.commit().await?;
                Ok(done)
            }
            Err(error) => {
                drop(tx);
                let failure = error.into();
                access::write_refusals(ctx, &self.0.web.works.db).await?;
                Err(failure)
            }
        }
    }

    /// The session's token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.0.token.as_deref()
    }

    /// The path that they asked for.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The path and query that they asked for.
    #[must_use]
    pub fn here(&self) -> &str {
        &self.0.here
    }

    /// The reference of this request, in the log and on error pages.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Their address and what their browser calls itself.
    #[must_use]
    pub fn from(&self) -> &str {
        &self.0.from
    }

    /// Where they start: the portal for customers and on its pages, the console else.
    #[must_use]
    pub fn home(&self) -> &'static str {
        let customer = self.known().is_some_and(|known| known.side == Side::Customer);
        if customer || self.path().starts_with("/portal") { "/portal" } else { "/console" }
    }

    /// What their forms send back: bound to the session, or to the browser before there is one.
    #[must_use]
    pub fn csrf(&self) -> String {
        access::csrf_secret(self.token().unwrap_or(&self.0.visitor))
    }

    /// Whether a form's token is theirs.
    #[must_use]
    pub fn is_csrf(&self, token: &str) -> bool {
        access::is_csrf_secret(self.token().unwrap_or(&self.0.visitor), token)
    }

    /// The frame of a page with this title.
    #[must_use]
    pub fn page(&self, title: impl Into<String>) -> Page {
        Page {
            t: self.t(),
            title: title.into(),
            crumbs: Vec::new(),
            preferences: self.0.preferences,
            here: self.0.here.clone(),
            csrf: self.csrf(),
            flashes: self.0.flashes.clone(),
            nav: (self.0.web.nav)(self),
            who: self.known().map(|k| Who { name: k.name.clone(), place: k.place.clone() }),
            search: String::new(),
            search_href: console::SEARCH.filter(|_| self.known().is_some()),
            charts: false,
        }
    }

    /// Sends the browser to another page of ours (303).
    #[must_use]
    pub fn go(&self, to: &str) -> Go {
        Go { visit: self.clone(), to: local(to).to_owned(), flash: None, cookies: Vec::new() }
    }

    /// Sends them in with a session just opened.
    pub(super) fn enter(&self, to: &str, opened: &access::NewSession) -> Go {
        let lasts_s = (opened.expires_at.micros() - self.0.web.works.db.now().micros()) / 1_000_000;
        self.go(to).cookie(cookies::SESSION, &opened.token, Some(lasts_s))
    }

    pub(super) fn cookie(
        &self,
        name: &str,
        value: &str,
        lasts_s: Option<i64>,
    ) -> Option<HeaderValue> {
        cookies::write(name, value, lasts_s, self.0.web.https)
    }

    /// The cookies that every answer brings: the browser's name when it is new, and the end of the
    /// messages once a page has shown them.
    pub(super) fn parting_cookies(&self, shown: bool) -> Vec<HeaderValue> {
        let visitor =
            self.0.new_visitor.then(|| self.cookie(cookies::VISITOR, &self.0.visitor, None));
        let flash =
            (shown && !self.0.flashes.is_empty()).then(|| self.cookie(cookies::FLASH, "", Some(0)));
        [visitor, flash].into_iter().flatten().flatten().collect()
    }
}

/// The token of an `Authorization: Bearer` header.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// An address on this site, or the start page: nobody is sent elsewhere by a crafted link.
fn local(to: &str) -> &str {
    let safe = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains(['\\', '\r', '\n'])
        && to.is_ascii();
    if safe { to } else { "/" }
}

fn read_flashes(visitor: &str, cookie: &str) -> Vec<Flash> {
    let read = || {
        let (text, signature) = cookie.split_once('.')?;
        if !secret::verify(visitor, text, signature) {
            return None;
        }
        let bytes = secret::unhex(text)?;
        let (sign, text) = bytes.split_first()?;
        let sign = match sign {
            b'o' => Sign::Ok,
            b'w' => Sign::Warn,
            b'b' => Sign::Bad,
            _ => Sign::Info,
        };
        Some(Flash { sign, text: String::from_utf8(text.to_vec()).ok()? })
    };
    read().into_iter().collect()
}

/// A redirect to another page of ours, perhaps with a message and cookies.
pub struct Go {
    visit: Visit,
    to: String,
    flash: Option<(Sign, String)>,
    cookies: Vec<HeaderValue>,
}

impl Go {
    /// Shows this on the next page.
    #[must_use]
    pub fn flash(mut self, sign: Sign, text: impl Into<String>) -> Self {
        self.flash = Some((sign, text.into()));
        self
    }

    /// Sets a cookie.
    #[must_use]
    pub(super) fn cookie(mut self, name: &str, value: &str, lasts_s: Option<i64>) -> Self {
        self.cookies.extend(self.visit.cookie(name, value, lasts_s));
        self
    }
}

impl IntoResponse for Go {
    fn into_response(self) -> Response {
        let mut response = StatusCode::SEE_OTHER.into_response();
        if let Ok(to) = self.to.parse() {
            response.headers_mut().insert(header::LOCATION, to);
        }
        let flash = self.flash.and_then(|(sign, text)| {
            let letter = match sign {
                Sign::Ok => b'o',
                Sign::Warn => b'w',
                Sign::Bad => b'b',
                Sign::Info | Sign::Estimated | Sign::Neutral => b'i',
            };
            let text = secret::hex(&[&[letter], text.as_bytes()].concat());
            let signature = secret::sign(&self.visit.0.visitor, &text);
            self.visit.cookie(cookies::FLASH, &format!("{text}.{signature}"), Some(60))
        });
        for cookie in self.cookies.into_iter().chain(flash) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Web) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            Failure::new(kernel::FaultKind::Bug, "http.no_frame", "a route outside the frame")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(local("/console?x=1"), "/console?x=1");
        for bad in ["//evil.example", "https://evil.example", "/\\evil", "", "evil", "/a\r\nb"] {
            assert_eq!(local(bad), "/", "{bad}");
        }
    }
}
