//! Rules of passwords and logins, and their hashing. Hashing takes tens of milliseconds on
//! purpose: callers run it outside transactions, or rarely.

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _, password_hash::phc::PasswordHash,
};

use super::model::Password;
use crate::AccessError;

/// Failures in a row until a login is locked.
pub const TRIES_MAX: i64 = 5;
/// How long it stays locked, seconds.
pub const LOCKED_S: i64 = 15 * 60;
/// The shortest password, characters. Length counts for more than kinds of characters.
const PASSWORD_MIN: usize = 10;
/// The longest, bytes: hashing must not be made slow by megabytes.
const PASSWORD_BYTES_MAX: usize = 256;
/// A password of fewer different characters is guessed at once.
const DIFFERENT_MIN: usize = 5;

/// Checks a password that a person has chosen.
pub(crate) fn check_password(password: &Password, login: &str) -> Result<(), AccessError> {
    let text = password.as_str();
    let different: std::collections::BTreeSet<char> = text.chars().collect();
    let message = if text.chars().count() < PASSWORD_MIN {
        format!("write at least {PASSWORD_MIN} characters; a few words are easy to remember")
    } else if text.len() > PASSWORD_BYTES_MAX {
        format!("write at most {PASSWORD_BYTES_MAX} bytes")
    } else if different.len() < DIFFERENT_MIN {
        format!("use at least {DIFFERENT_MIN} different characters")
    } else if text.to_lowercase().contains(login) {
        "it must not contain the sign-in name".to_owned()
    } else {
        return Ok(());
    };
    Err(AccessError::invalid("password", message))
}

/// A login in its stored form.
pub(crate) fn normal_login(login: &str) -> Result<String, AccessError> {
    let login = login.trim().to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    if login.len() < 2 || login.len() > 64 || !login.chars().all(fits) {
        let message = "write 2 to 64 letters, digits or . - _ @";
        return Err(AccessError::invalid("login", message));
    }
    Ok(login)
}

/// The argon2id hash, with 19 MiB, two passes and a random salt (the first choice of the OWASP
/// password storage recommendations).
pub(crate) fn hash(password: &Password, salt: [u8; 16]) -> Result<String, AccessError> {
    let hashed: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(password.as_str().as_bytes(), &salt);
    hashed.map(|hash| hash.to_string()).map_err(|error| AccessError::Hash(error.to_string()))
}

/// Whether a password belongs to a stored hash.
pub(crate) fn matches(password: &Password, stored: &str) -> Result<bool, AccessError> {
    let hash = PasswordHash::new(stored).map_err(|error| AccessError::Hash(error.to_string()))?;
    let text = password.as_str();
    // Longer ones were never accepted, and hashing them would cost.
    if text.len() > PASSWORD_BYTES_MAX {
        return Ok(false);
    }
    Ok(Argon2::default().verify_password(text.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        for (text, reason) in [
            ("short", "at least 10"),
            ("aaaaaaaaaaaa", "different"),
            ("xx-WangLi-2026", "sign-in name"),
            (&"长密码".repeat(100), "at most"),
        ] {
            let found = check_password(&Password::new(text), "wangli").unwrap_err().to_string();
            assert!(found.contains(reason), "{found}");
        }
        assert!(check_password(&Password::new("一只猫坐在窗台上看雨"), "wangli").is_ok());
    }

    #[test]
    fn a_hash_matches_its_password_only_and_never_shows_it() {
        let password = Password::new("correct horse battery");
        let hashed = hash(&password, [7; 16]).unwrap();
        assert!(hashed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hashed}");
        assert!(matches(&password, &hashed).unwrap());
        assert!(!matches(&Password::new("correct horse batterz"), &hashed).unwrap());
        assert!(matches(&password, "$argon2id$broken").is_err());
        assert_ne!(hashed, hash(&password, [8; 16]).unwrap());
        assert_eq!(format!("{password:?}"), "Password(…)");
    }

    #[test]
    fn logins_have_one_form() {
        assert_eq!(normal_login(" Wang.Li ").unwrap(), "wang.li");
        for bad in ["", "a", "王丽", "a b", "a'--"] {
            assert!(normal_login(bad).is_err(), "{bad}");
        }
    }
}
