//! Just enough of Rust's lexical rules to tell code from comments and strings, so that a rule
//! about code never trips over a text. No parsing: functions are found by matching braces.

/// A Rust file seen as code with its texts apart.
#[derive(Debug, Clone, Default)]
pub struct Lexed {
    /// The file with comments and the insides of strings blanked; every line keeps its number.
    pub code: String,
    /// The string literals, without quotes, as written.
    pub strings: Vec<Literal>,
    /// The offset at which each line starts.
    starts: Vec<usize>,
}

impl Lexed {
    /// The line, from 1, of a byte offset. Looked up, not counted: rules ask for thousands.
    pub fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }
}

/// A string literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// The line on which it starts, from 1.
    pub line: usize,
    /// Its text as written, escapes included.
    pub text: String,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both included.
    pub lines: usize,
}

/// Splits a Rust file.
pub fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut strings = Vec::new();
    let newlines = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let starts: Vec<usize> = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                let end = at + find(&bytes[at..], b"\n");
                blank(&mut code[at..end]);
                end
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let end = block_comment_end(bytes, at);
                blank(&mut code[at..end]);
                end
            }
            b'r' if !continues_a_word(bytes, at) => match raw_string(bytes, at) {
                Some((open, close, end)) => {
                    push_string(&mut strings, &mut code, text, open, close);
                    end
                }
                None => at + 1,
            },
            b'"' => {
                let close = string_close(bytes, at + 1);
                push_string(&mut strings, &mut code, text, at + 1, close);
                close + 1
            }
            b'\'' => {
                let end = char_end(text, at);
                if end > at + 1 {
                    blank(&mut code[at..end]);
                }
                end
            }
            _ => at + 1,
        };
        at = end.max(at + 1);
    }
    for literal in &mut strings {
        literal.line = starts.partition_point(|start| *start <= literal.line);
    }
    Lexed { code: String::from_utf8_lossy(&code).into_owned(), strings, starts }
}

/// The functions with a body, in order of appearance.
pub fn functions(lexed: &Lexed) -> Vec<Function> {
    let code = lexed.code.as_str();
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(offset) = code[from..].find("fn ") {
        let start = from + offset;
        from = start + 3;
        if continues_a_word(bytes, start) {
            continue;
        }
        let rest = code[from..].trim_start();
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(bytes, from) {
            let line = lexed.line_of(start);
            found.push(Function { name, line, lines: lexed.line_of(end) - line + 1 });
        }
    }
    found
}

/// The line number, from 1, of a byte offset in a short text.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

/// Where `#[cfg(test)] mod … {` begins, as a line number; `usize::MAX` if nowhere. By house
/// custom the test module is the last thing in a file.
pub fn tests_from_line(lexed: &Lexed) -> usize {
    let code = lexed.code.as_str();
    code.find("#[cfg(test)]\nmod ")
        .filter(|at| code[*at..].lines().nth(1).is_some_and(|line| line.contains('{')))
        .map_or(usize::MAX, |at| lexed.line_of(at))
}

/// The offset of the brace that closes the body whose signature starts at `from`; `None` for a
/// declaration without a body.
fn body_end(bytes: &[u8], from: usize) -> Option<usize> {
    let (mut nesting, mut braces) = (0_usize, 0_usize);
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => nesting += 1,
            b')' | b']' => nesting = nesting.saturating_sub(1),
            b';' if nesting == 0 && braces == 0 => return None,
            b'{' => braces += 1,
            b'}' if braces <= 1 => return Some(at),
            b'}' => braces -= 1,
            _ => {}
        }
    }
    None
}

fn push_string(strings: &mut Vec<Literal>, code: &mut [u8], text: &str, open: usize, close: usize) {
    let inner = text.get(open..close).unwrap_or_default();
    // The offset stands in for the line until the whole file is read.
    strings.push(Literal { line: open, text: inner.to_owned() });
    blank(&mut code[open..close]);
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|b| **b != b'\n') {
        *byte = b' ';
    }
}

/// The offset of `needle`, or the length where it is absent.
fn find(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).position(|w| w == needle).unwrap_or(bytes.len())
}

fn continues_a_word(bytes: &[u8], at: usize) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    // `br"…"` and `cr"…"` are raw strings too; the prefix letter is part of the literal.
    let before = at.checked_sub(1).and_then(|i| bytes.get(i));
    match before {
        Some(b'b' | b'c') if bytes.get(at) == Some(&b'r') => {
            at.checked_sub(2).and_then(|i| bytes.get(i)).is_some_and(word)
        }
        Some(byte) => word(byte),
        None => false,
    }
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    while at < bytes.len() {
        if bytes[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if bytes[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// First and last offset of the text of a raw string that starts at `at`, and where it ends.
fn raw_string(bytes: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    let open = at + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let closing = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let close = open + 1 + find(&bytes[open + 1..], &closing);
    Some((open + 1, close, (close + closing.len()).min(bytes.len())))
}

fn string_close(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Where a character literal that starts at `at` ends; just past the quote for a lifetime.
fn char_end(text: &str, at: usize) -> usize {
    let inner = &text[at + 1..];
    let mut chars = inner.char_indices();
    match chars.next() {
        Some((_, '\\')) => {
            let escaped = chars.next().map_or(1, |(i, c)| i + c.len_utf8());
            at + 1 + escaped + inner[escaped..].find('\'').map_or(0, |i| i + 1)
        }
        Some(_) => match chars.next() {
            Some((i, '\'')) => at + 1 + i + 1,
            _ => at + 1,
        },
        None => at + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_blanked_and_lines_stay() {
        let lexed = lex("a /* x /* y */ z */ b // c\n\"d\\\"e\" 'f' '\\'' &'g r#\"h\"i\"# end");
        let words: Vec<_> = lexed.code.split_whitespace().collect();
        assert_eq!(words, ["a", "b", "\"", "\"", "&'g", "r#\"", "\"#", "end"]);
        assert_eq!(lexed.code.lines().count(), 2);
        let texts: Vec<_> = lexed.strings.iter().map(|s| (s.line, s.text.as_str())).collect();
        assert_eq!(texts, [(2, "d\\\"e"), (2, "h\"i")]);
    }

    #[test]
    fn chinese_texts_do_not_shift_anything() {
        let lexed = lex("let 电 = '峰'; // 谷\nlet x = \"尖峰平谷\"; fn f() {}");
        assert_eq!(lexed.strings[0].text, "尖峰平谷");
        assert_eq!(functions(&lexed)[0].line, 2);
    }

    #[test]
    fn functions_are_measured_from_fn_to_brace() {
        let lexed =
            lex("trait T { fn a(x: [u8; 3]); }\nfn b(\n) {\n  if x { }\n}\nlet f: fn(u8) = c;");
        let found = functions(&lexed);
        assert_eq!(found, [Function { name: "b".into(), line: 2, lines: 4 }]);
    }

    #[test]
    fn the_test_module_is_found() {
        assert_eq!(tests_from_line(&lex("fn a() {}\n#[cfg(test)]\nmod tests {\n}")), 2);
        assert_eq!(tests_from_line(&lex("#[cfg(test)]\nmod tests;\nfn a() {}")), usize::MAX);
    }
}
