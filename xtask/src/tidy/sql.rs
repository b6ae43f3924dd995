//! Habits of the SQL: numbered migrations, three types, an organisation in every table, units in
//! column names, and nothing that means different things in SQLite and PostgreSQL.

use std::collections::BTreeMap;

use super::{
    Finding, House, Rule, Tree,
    lexer::line_of,
    schema::{Column, columns, migration_files, tables, without_comments},
};

/// Migrations are numbered without holes and only go forward.
pub const MIGRATIONS: Rule = Rule {
    id: "sql-migrations",
    why: "migrations run in one order everywhere and never back: expand first, contract later",
    check: migrations,
};

/// Every module's statements are listed for the test that prepares them.
pub const STATEMENTS: Rule = Rule {
    id: "sql-statements",
    why: "a statement that no test prepares on both databases fails first at a customer's",
    check: statements,
};

/// Three column types.
pub const TYPES: Rule = Rule {
    id: "sql-types",
    why: "BIGINT, TEXT and BOOLEAN mean the same in SQLite and PostgreSQL; others do not",
    check: types,
};

/// Every table carries its organisation.
pub const ORGANISATION: Rule = Rule {
    id: "sql-org",
    why: "`org` scopes what a person may see today and spreads rows over machines later",
    check: organisation,
};

/// Columns say their unit.
pub const NAMES: Rule = Rule {
    id: "sql-names",
    why: "a number without its unit is read wrongly sooner or later",
    check: names,
};

/// No words of one dialect, no clock, no JSON operators, sums cast back.
pub const DIALECT: Rule = Rule {
    id: "sql-dialect",
    why: "one statement serves both databases, and time comes from the injected clock",
    check: dialect,
};

fn migrations(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, _) in migration_files(tree) {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let number = folders.entry(folder).and_modify(|n| *n += 1).or_insert(1);
        let expected = format!("{number:04}_");
        if !name.starts_with(&expected) {
            let message = format!("this file comes next: name it {expected}what_it_does.sql");
            found.push(Finding::new(MIGRATIONS.id, path, 0, message));
        }
        if let Some((package, _)) = path.split_once("/migrations/")
            && !names_it(tree, package, name.trim_end_matches(".sql"))
        {
            let message = format!("add {name} to `migrations!` of its package: it never runs");
            found.push(Finding::new(MIGRATIONS.id, path, 0, message));
        }
        if name.contains(".down.") || name.contains(".up.") {
            let message = "migrations only go forward: write the correction as the next one";
            found.push(Finding::new(MIGRATIONS.id, path, 0, message));
        }
    }
    found
}

/// Whether a string of the package's sources is the migration's name.
fn names_it(tree: &Tree, package: &str, name: &str) -> bool {
    let sources = format!("{package}/src/");
    let mut files = tree.rust.iter().filter(|(path, _)| path.starts_with(&sources));
    files.any(|(_, rust)| rust.strings.iter().any(|literal| literal.text == name))
}

fn statements(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut packages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (path, rust) in &tree.rust {
        let Some((package, _)) = path.split_once("/src/") else { continue };
        if path.starts_with("crates/") && declares_statements(&rust.code) {
            packages.entry(package).or_default().push(path);
        }
    }
    let listed = |package: &str| {
        let lib = tree.rust.get(&format!("{package}/src/lib.rs"));
        lib.map_or(0, |rust| rust.code.matches("::STATEMENTS").count())
    };
    let forgotten = packages.into_iter().filter(|(package, files)| listed(package) < files.len());
    forgotten
        .map(|(package, files)| {
            let message = format!(
                "{} files declare statements ({}), {} are listed: add the others to STATEMENTS, \
                 so that a test prepares them on both databases",
                files.len(),
                files.join(", "),
                listed(package)
            );
            Finding::new(STATEMENTS.id, &format!("{package}/src/lib.rs"), 0, message)
        })
        .collect()
}

/// Whether code uses `statements!`, other than the macro in its own definition.
fn declares_statements(code: &str) -> bool {
    let uses = code.match_indices("statements! {");
    uses.into_iter().any(|(at, _)| !code[..at].ends_with("$crate::"))
}

fn types(tree: &Tree, _: &House) -> Vec<Finding> {
    let allowed = |kind: &str| matches!(kind, "BIGINT" | "TEXT" | "BOOLEAN");
    let wrong = columns(tree).into_iter().filter(|column| !allowed(&column.kind));
    wrong
        .map(|column| {
            let message = format!(
                "{}.{} is {}: use BIGINT, TEXT or BOOLEAN",
                column.table, column.name, column.kind
            );
            column.finding(TYPES.id, message)
        })
        .collect()
}

fn organisation(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in migration_files(tree) {
        let sql = without_comments(text);
        for (table, start, definitions) in tables(&sql) {
            let has = definitions.iter().any(|(_, text)| {
                let mut words = text.split_whitespace();
                words.next() == Some("org") && words.next() == Some("BIGINT")
            });
            if !has {
                let message = format!(
                    "table {table} has no `org BIGINT NOT NULL`: every business row has one"
                );
                let finding = Finding::new(ORGANISATION.id, path, line_of(&sql, start), message);
                found.push(finding.about(&table));
            }
        }
    }
    found
}

/// Words in a column's name, and the unit that it must end with when it is a number.
const UNITS: &[(&[&str], &[&str], &str)] = &[
    (
        &["energy", "consumption", "quota"],
        &["_ukwh", "_ukvarh"],
        "energy is in millionths of a kWh",
    ),
    (&["demand"], &["_ukw"], "demand is in millionths of a kW"),
    (&["capacity"], &["_ukva", "_ukw"], "capacity is in millionths of a kVA"),
    (
        &["amount", "charge", "balance", "fee", "cost", "debits", "credits"],
        &["_units"],
        "money is in 1e-4 of the currency",
    ),
    (&["price", "rate"], &["_e8"], "rates are in 1e-8 of the currency per unit"),
];

fn names(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for column in columns(tree) {
        let message = match wrong_name(&column) {
            Some(message) => format!("{}.{}: {message}", column.table, column.name),
            None => continue,
        };
        found.push(column.finding(NAMES.id, message));
    }
    found
}

fn wrong_name(column: &Column) -> Option<String> {
    let name = column.name.as_str();
    let words: Vec<&str> = name.split('_').collect();
    let counts = matches!(words.last(), Some(&"count" | &"at" | &"id" | &"done" | &"total"));
    if column.kind == "BIGINT" && !counts {
        for (subjects, endings, why) in UNITS {
            let about = words.iter().any(|word| subjects.contains(word));
            if about && !endings.iter().any(|ending| name.ends_with(ending)) {
                return Some(format!("{why}: end its name in {}", endings.join(" or ")));
            }
        }
    }
    match *words.last()? {
        "at" if column.kind != "BIGINT" => Some("an instant `_at` is BIGINT microseconds".into()),
        "on" if column.kind != "TEXT" => Some("a date `_on` is ISO TEXT".into()),
        "date" | "time" | "timestamp" | "ts" => {
            Some("name an instant `…_at` and a business date `…_on`".into())
        }
        _ => None,
    }
}

/// Words of one dialect, of the database's own clock, or of types that the house does not use.
const DIALECT_WORDS: &[(&str, &str)] = &[
    ("NOW(", "pass the instant from the clock as a parameter"),
    ("CURRENT_TIMESTAMP", "pass the instant from the clock as a parameter"),
    ("CURRENT_DATE", "pass the date as a parameter"),
    ("DATETIME(", "compute dates in code"),
    ("STRFTIME(", "compute dates in code"),
    ("JULIANDAY(", "compute dates in code"),
    ("DATE_TRUNC(", "compute dates in code"),
    ("INTERVAL '", "compute dates in code"),
    ("JSON", "keep JSON as text and read it in code"),
    ("->", "keep JSON as text and read it in code"),
    ("::", "write CAST(… AS …)"),
    ("AUTOINCREMENT", "the application makes ids"),
    ("SERIAL", "the application makes ids"),
    ("ILIKE", "store a normal form and compare that"),
    ("GLOB ", "store a normal form and compare that"),
    ("INSERT OR ", "write ON CONFLICT"),
    ("GROUP_CONCAT(", "join the rows in code"),
    ("STRING_AGG(", "join the rows in code"),
    ("IFNULL(", "write COALESCE"),
    ("AVG(", "divide the sum by the count in code"),
    ("RANDOM()", "randomness is seeded and comes from the caller"),
];

fn dialect(tree: &Tree, _: &House) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in migration_files(tree) {
        judge_sql(path, 1, &without_comments(text), &mut found);
    }
    for (path, rust) in tree.rust.iter().filter(|(path, _)| path.starts_with("crates/")) {
        for literal in rust.strings.iter().filter(|literal| is_sql(&literal.text)) {
            judge_sql(path, literal.line, &literal.text, &mut found);
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next();
    let rest = || text.contains(" FROM ") || text.contains("\nFROM ") || text.contains("\n");
    match first {
        Some("SELECT" | "WITH") => rest(),
        Some("INSERT") => matches!(words.next(), Some("INTO" | "OR")),
        Some("DELETE") => words.next() == Some("FROM"),
        Some("UPDATE") => text.contains(" SET ") || text.contains("\nSET "),
        _ => false,
    }
}

fn judge_sql(path: &str, first_line: usize, sql: &str, found: &mut Vec<Finding>) {
    let upper = sql.to_ascii_uppercase();
    let mut tell = |at: usize, word: &str, instead: &str| {
        let line = first_line + line_of(&upper, at) - 1;
        let message = format!("`{}` in SQL: {instead}", word.trim());
        found.push(Finding::new(DIALECT.id, path, line, message).about(word.trim()));
    };
    for (word, instead) in DIALECT_WORDS {
        let starts_word = word.starts_with(|c: char| c.is_ascii_alphabetic());
        let hit = upper.match_indices(word).find(|(at, _)| {
            let before = upper[..*at].chars().next_back();
            !starts_word || !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
        });
        if let Some((at, _)) = hit {
            tell(at, word, instead);
        }
    }
    if let Some(at) = upper.find("SUM(")
        && !upper.contains("AS BIGINT)")
    {
        tell(at, "SUM", "cast the sum back: CAST(SUM(…) AS BIGINT)");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/areas/x/migrations/0001_first.sql";

    fn check(rule: &Rule, sql: &str) -> Vec<(String, usize)> {
        let tree = Tree::fixture(&[(PATH, sql)]);
        let found = (rule.check)(&tree, &House::default());
        found.into_iter().map(|f| (f.subject.replace(PATH, ""), f.line)).collect()
    }

    const GOOD: &str = "-- A bill (电费单), in fen.\nCREATE TABLE bill (\n  id BIGINT PRIMARY KEY,\n  org BIGINT NOT NULL,\n  \
        state TEXT NOT NULL CHECK (state IN ('a', 'b')),\n  total_units BIGINT,\n  energy_ukwh BIGINT,\n  \
        issued_at BIGINT,\n  due_on TEXT,\n  days_total BIGINT,\n  paid BOOLEAN,\n  UNIQUE (org, id)\n);\n";

    #[test]
    fn a_good_migration_passes_every_rule() {
        for rule in [&TYPES, &ORGANISATION, &NAMES, &DIALECT] {
            assert_eq!(check(rule, GOOD), [], "{}", rule.id);
        }
    }

    #[test]
    fn holes_ways_back_and_forgotten_files_are_found() {
        let tree = Tree::fixture(&[
            ("a/migrations/0001_a.sql", ""),
            ("a/migrations/0003_b.sql", ""),
            ("a/src/lib.rs", "const M: A = m!(\"0001_a\", \"0003_b\");"),
            ("b/migrations/0001_c.down.sql", ""),
            ("b/src/lib.rs", "const M: A = m!(\"0001_c.down\");"),
            ("c/migrations/0001_d.sql", ""),
        ]);
        let found = migrations(&tree, &House::default());
        let paths: Vec<_> = found.iter().map(|f| &f.path[..1]).collect();
        assert_eq!(paths, ["a", "b", "c"]);
    }

    #[test]
    fn statements_that_no_list_names_are_found() {
        let one = ("crates/areas/a/src/x/store.rs", "store::statements! { }");
        let two = ("crates/areas/a/src/y/store.rs", "store::statements! { }");
        let lib = ("crates/areas/a/src/lib.rs", "const S: A = &[x::STATEMENTS];");
        let check = |files: &[_]| statements(&Tree::fixture(files), &House::default()).len();
        assert_eq!(check(&[one, lib]), 0);
        assert_eq!(check(&[one, two, lib]), 1);
        assert_eq!(check(&[one]), 1);
    }

    #[test]
    fn other_types_are_found_with_their_line() {
        let sql = "CREATE TABLE t (\n  org BIGINT,\n  a NUMERIC(12, 4),\n  b INTEGER\n);\nALTER TABLE t ADD COLUMN c REAL;";
        let expected = [("::t.a", 3), ("::t.b", 4), ("::t.c", 6)];
        assert_eq!(check(&TYPES, sql), expected.map(|(s, l)| (s.to_owned(), l)));
    }

    #[test]
    fn a_table_without_organisation_is_found() {
        assert_eq!(check(&ORGANISATION, "\nCREATE TABLE t (a TEXT);"), [("::t".to_owned(), 2)]);
    }

    #[test]
    fn numbers_without_units_and_misnamed_times_are_found() {
        let sql = "CREATE TABLE t (energy BIGINT, charge_before BIGINT, price BIGINT, made_at TEXT, \
                   due_date TEXT, basic_charge TEXT, charge_count BIGINT)";
        let names: Vec<_> = check(&NAMES, sql).into_iter().map(|(s, _)| s).collect();
        assert_eq!(
            names,
            ["::t.energy", "::t.charge_before", "::t.price", "::t.made_at", "::t.due_date"]
        );
    }

    #[test]
    fn dialect_words_are_found_in_migrations_and_in_code() {
        assert_eq!(check(&DIALECT, "UPDATE t SET a = now();"), [("::NOW(".to_owned(), 1)]);
        let code = "//! T.\nconst A: &str = \"SELECT x::TEXT FROM t\";\nconst B: &str = \"SELECT SUM(x) FROM t\";\n\
                    const C: &str = \"SELECT CAST(SUM(x) AS BIGINT) FROM t\";\nconst D: &str = \"with -> arrows\";";
        let tree = Tree::fixture(&[("crates/areas/x/src/store.rs", code)]);
        let lines: Vec<_> = dialect(&tree, &House::default()).into_iter().map(|f| f.line).collect();
        assert_eq!(lines, [2, 3]);
    }
}
