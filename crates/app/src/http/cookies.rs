//! Reading and writing cookies. All ours are `HttpOnly` and `SameSite=Lax`.

use axum::http::{HeaderMap, HeaderValue, header};

/// The session of a signed-in person.
pub const SESSION: &str = "lamp_session";
/// A random name for a browser without a session, to which form tokens are bound.
pub const VISITOR: &str = "lamp_visitor";
/// The language.
pub const LANGUAGE: &str = "lamp_language";
/// Light or dark.
pub const THEME: &str = "lamp_theme";
/// Rows close together.
pub const DENSITY: &str = "lamp_density";
/// Messages to show on the next page.
pub const FLASH: &str = "lamp_flash";

/// How long preferences are remembered: a year, in seconds.
pub const YEAR_S: i64 = 31_536_000;

/// The value of a cookie.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// A `Set-Cookie` header. Without `lasts_s` the cookie ends with the browser; 0 removes it.
/// Values are our own tokens and names, which need no quoting; others are refused.
pub fn write(name: &str, value: &str, lasts_s: Option<i64>, https: bool) -> Option<HeaderValue> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !value.chars().all(plain) {
        return None;
    }
    let age = lasts_s.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let secure = if https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_in_any_place() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; lamp_theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("lamp_session=x=y"));
        assert_eq!(read(&headers, THEME), Some("dark"));
        assert_eq!(read(&headers, SESSION), Some("x=y"));
        assert_eq!(read(&headers, "theme"), None);
    }

    #[test]
    fn what_could_break_out_of_a_cookie_is_refused() {
        assert!(write(THEME, "dark; Domain=evil", None, true).is_none());
        let cookie = write(THEME, "dark", Some(60), true).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "lamp_theme=dark; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
    }
}
