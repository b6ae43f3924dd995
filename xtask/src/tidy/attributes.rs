//! Attributes that switch a rule off: each says why, and none switches a test off.

use super::{Finding, House, Rule, Tree};

/// No `allow`, no `ignore`, and a reason on every `expect`.
pub const ATTRIBUTES: Rule = Rule {
    id: "attributes",
    why: "what is switched off is written down with its reason, and vanishes when no longer needed",
    check: attributes,
};

fn attributes(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, rust) in &tree.rust {
        for (start, attribute) in all_attributes(&rust.code) {
            let name = attribute.split(|c: char| !c.is_alphanumeric() && c != '_').next();
            let message = match name {
                Some("allow") => "write `#[expect(lint, reason = \"…\")]` instead of `allow`",
                Some("ignore") => "a test runs or prints `skipped: …`; it is never ignored",
                Some("expect") if !attribute.contains("reason") => {
                    "say why: `#[expect(lint, reason = \"…\")]`"
                }
                _ => continue,
            };
            found.push(Finding::new(ATTRIBUTES.id, path, rust.line_of(start), message));
        }
    }
    found
}

/// Offset and inside of every `#[…]` and `#![…]`.
fn all_attributes(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = code[from..].find('#') {
        let start = from + offset;
        let rest = code[start + 1..].trim_start_matches('!');
        from = start + 1;
        if let Some(inside) = rest.strip_prefix('[') {
            let end = inside.find(']').unwrap_or(inside.len());
            found.push((start, &inside[..end]));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let tree = Tree::fixture(&[("a.rs", text)]);
        attributes(&tree, &House::default()).iter().map(|f| f.line).collect()
    }

    #[test]
    fn switched_off_rules_and_tests_are_found() {
        assert_eq!(lines("#![allow(dead_code)]\n#[ignore]\n#[expect(x)]\nfn a() {}"), [1, 2, 3]);
        assert_eq!(lines("#[ignore = \"slow\"]\nfn a() {}"), [1]);
    }

    #[test]
    fn expectations_with_a_reason_and_other_attributes_pass() {
        let text =
            "#[expect(\n  clippy::panic,\n  reason = \"a [test] of it\"\n)]\n#[test]\nfn a() {}";
        assert_eq!(lines(text), Vec::<usize>::new());
        assert_eq!(lines("// #[allow(x)]\nlet a = \"#[ignore]\";"), Vec::<usize>::new());
    }
}
