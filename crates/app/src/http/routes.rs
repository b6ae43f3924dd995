//! The table of routes: every route says its method, its path, its area and what it asks of the
//! visitor, so that one test can walk them all without a session and with the wrong role.

use axum::{
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};

use access::Right;

use super::{Web, guard};

/// What a route asks of its visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Nothing: sign-in pages, health, files.
    Public,
    /// Staff, whatever their role.
    SignedIn,
    /// Staff whose role gives this right at any organisation; the operation asks where.
    Right(Right),
    /// A customer, in the portal.
    Portal,
}

/// What is known about a route without calling it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// GET, POST, …
    pub method: Method,
    /// The path with its `{places}`.
    pub path: &'static str,
    /// The area that it belongs to.
    pub area: &'static str,
    /// What it asks of the visitor.
    pub guard: Guard,
    /// The largest body it takes, in bytes.
    pub body_limit: usize,
    /// How long it may take, in seconds.
    pub timeout_s: u64,
}

/// A route with its handler.
#[derive(Clone)]
pub struct Route {
    /// What is known about it.
    pub info: RouteInfo,
    handler: MethodRouter<Web>,
}

const FORM_LIMIT: usize = 256 * 1024;
const TIMEOUT_S: u64 = 30;

impl Route {
    /// A page or a resource to read.
    pub fn get<H, T>(path: &'static str, area: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        Self::new(Method::GET, path, area, guard, on(MethodFilter::GET, handler))
    }

    /// A deed.
    pub fn post<H, T>(path: &'static str, area: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, Web>,
        T: 'static,
    {
        Self::new(Method::POST, path, area, guard, on(MethodFilter::POST, handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        area: &'static str,
        guard: Guard,
        handler: MethodRouter<Web>,
    ) -> Self {
        let info =
            RouteInfo { method, path, area, guard, body_limit: FORM_LIMIT, timeout_s: TIMEOUT_S };
        Self { info, handler }
    }

    /// Takes bodies up to this many bytes: for uploads.
    #[must_use]
    pub const fn body_limit(mut self, bytes: usize) -> Self {
        self.info.body_limit = bytes;
        self
    }

    /// May take this long: for uploads and exports.
    #[must_use]
    pub const fn timeout_s(mut self, seconds: u64) -> Self {
        self.info.timeout_s = seconds;
        self
    }

    /// The handler behind its guard, with its limits.
    pub(super) fn guarded(self, web: &Web) -> MethodRouter<Web> {
        let limit = axum::extract::DefaultBodyLimit::max(self.info.body_limit);
        let state = guard::Post { web: web.clone(), info: self.info };
        self.handler
            .route_layer(limit)
            .route_layer(middleware::from_fn_with_state(state, guard::guard))
    }
}
