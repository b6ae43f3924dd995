//! Templates: documents with a text per language, checked when they are loaded. A text may use the
//! variables that its template declares and no others, and is tried out with samples, so that
//! nothing is found wrong on the night of a storm.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use kernel::Zone;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::notices::{Kind, Language, NoticeError, Stage};

macro_rules! documents {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../../../../../", $path)))),*]
    };
}

/// `(path, text)` of the templates that come with the program.
pub const BUNDLED: &[(&str, &str)] = documents![
    "rules/notices/arrears.toml",
    "rules/notices/dispatch.toml",
    "rules/notices/fault.toml",
    "rules/notices/planned.toml",
    "rules/notices/temporary.toml",
];

/// Steps that a text may take: far more than any needs, far fewer than an endless one.
const FUEL: u64 = 50_000;
/// The longest subject and text in characters; ten short messages.
const SUBJECT_MAX: usize = 120;
const TEXT_MAX: usize = 670;

/// What a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum VariableKind {
    /// Words.
    Text,
    /// An instant in RFC 3339, in UTC.
    Moment,
    /// A number of minutes.
    Minutes,
    /// A whole number.
    Number,
}

impl VariableKind {
    fn fits(self, value: &Json) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Moment => value.as_str().is_some_and(|t| t.parse::<Timestamp>().is_ok()),
            Self::Minutes | Self::Number => value.is_i64(),
        }
    }

    fn sample(self) -> Json {
        match self {
            Self::Text => json!("x"),
            Self::Moment => json!("2026-03-01T00:00:00Z"),
            Self::Minutes | Self::Number => json!(75),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    subject: String,
    text: String,
}

/// The texts of one kind at one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// The kind of outage.
    pub kind: Kind,
    /// The stage.
    pub stage: Stage,
    /// Whether quiet hours, wishes and daily limits do not hold it back.
    pub safety: bool,
    /// Whether a person must have agreed.
    pub consent: bool,
    variables: BTreeMap<String, VariableKind>,
    #[serde(default)]
    own: BTreeMap<String, VariableKind>,
    zh: Form,
    en: Form,
}

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What it is about, in a line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Checked templates, ready to write texts.
#[derive(Debug)]
pub struct Templates {
    all: BTreeMap<(Kind, Stage), Template>,
    zh: Environment<'static>,
    en: Environment<'static>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    template: Vec<Template>,
}

impl Templates {
    /// The templates that come with the program.
    ///
    /// # Errors
    /// [`NoticeError::Template`]; a test holds that there is none.
    pub fn bundled(zone: &Zone) -> Result<Self, NoticeError> {
        Self::load(BUNDLED.iter().copied(), zone)
    }

    /// Reads documents of `(name, text)`.
    ///
    /// # Errors
    /// [`NoticeError::Template`] with document, place and reason.
    pub fn load<'a>(
        documents: impl IntoIterator<Item = (&'a str, &'a str)>,
        zone: &Zone,
    ) -> Result<Self, NoticeError> {
        let mut templates = Self::none(zone);
        for (name, text) in documents {
            let document: Document = toml::from_str(text)
                .map_err(|error| wrong(name, "document", error.message().to_owned()))?;
            for template in document.template {
                templates.add(name, template)?;
            }
        }
        Ok(templates)
    }

    /// One template, as it was stored with a notice.
    ///
    /// # Errors
    /// [`NoticeError::Template`].
    pub fn stored(body: &str, zone: &Zone) -> Result<Self, NoticeError> {
        let template = serde_json::from_str(body)
            .map_err(|error| wrong("a stored template", "document", error.to_string()))?;
        let mut templates = Self::none(zone);
        templates.add("a stored template", template)?;
        Ok(templates)
    }

    fn none(zone: &Zone) -> Self {
        let all = BTreeMap::new();
        let (zh, en) = (environment(Language::Zh, zone), environment(Language::En, zone));
        Self { all, zh, en }
    }

    fn add(&mut self, document: &str, template: Template) -> Result<(), NoticeError> {
        let (kind, stage) = (template.kind, template.stage);
        for language in Language::ALL {
            let place = format!("{kind} {stage} {language}");
            let fail = |reason: String| wrong(document, &place, reason);
            let (form, environment) = match language {
                Language::Zh => (&template.zh, &mut self.zh),
                Language::En => (&template.en, &mut self.en),
            };
            for (part, source) in [("subject", &form.subject), ("text", &form.text)] {
                if source.trim().is_empty() {
                    return Err(fail(format!("the {part} is empty")));
                }
                let name = name(kind, stage, part);
                environment
                    .add_template_owned(name.clone(), source.clone())
                    .map_err(|error| fail(format!("{part}: {error}")))?;
                let parsed = environment.get_template(&name);
                let used = parsed.map_err(|error| fail(error.to_string()))?;
                for variable in used.undeclared_variables(true) {
                    if !template.declares(&variable) {
                        return Err(fail(format!("{part}: there is no variable {variable}")));
                    }
                }
            }
        }
        if self.all.contains_key(&(kind, stage)) {
            return Err(wrong(document, &format!("{kind} {stage}"), "there are two".to_owned()));
        }
        let sample = |kinds: &BTreeMap<String, VariableKind>| -> Map<String, Json> {
            kinds.iter().map(|(name, kind)| (name.clone(), kind.sample())).collect()
        };
        let (variables, own) = (sample(&template.variables), sample(&template.own));
        self.all.insert((kind, stage), template);
        let own = Json::Object(own).to_string();
        for language in Language::ALL {
            self.render((kind, stage), *language, &variables, &own).map_err(|error| {
                wrong(document, &format!("{kind} {stage} {language}"), error.to_string())
            })?;
        }
        Ok(())
    }

    /// The template of a kind and stage.
    ///
    /// # Errors
    /// [`NoticeError::NoTemplate`].
    pub fn get(&self, kind: Kind, stage: Stage) -> Result<&Template, NoticeError> {
        let missing = NoticeError::NoTemplate { kind: kind.word(), stage: stage.word() };
        self.all.get(&(kind, stage)).ok_or(missing)
    }

    /// Writes a message. `own` is a JSON object or empty.
    ///
    /// # Errors
    /// [`NoticeError::VariableMissing`], or a text that grows too long.
    pub fn render(
        &self,
        (kind, stage): (Kind, Stage),
        language: Language,
        variables: &Map<String, Json>,
        own: &str,
    ) -> Result<Rendered, NoticeError> {
        let template = self.get(kind, stage)?;
        template.check(variables)?;
        let own: Json = if own.is_empty() {
            json!({})
        } else {
            let unread = |_| NoticeError::VariableMissing("own as a JSON object".to_owned());
            serde_json::from_str(own).map_err(unread)?
        };
        check(&template.own, own.as_object().unwrap_or(&Map::new()), "own.")?;
        let mut all = variables.clone();
        all.insert("own".to_owned(), own);
        let environment = match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        };
        let write = |part: &str, max: usize| {
            let fail = |reason: String| wrong("notice", &format!("{kind} {stage} {part}"), reason);
            let template = environment.get_template(&name(kind, stage, part));
            let text = template
                .and_then(|template| template.render(minijinja::value::Serde(&all)))
                .map_err(|error| fail(error.to_string()))?;
            if text.chars().count() > max {
                return Err(fail(format!("it is longer than {max} characters")));
            }
            Ok(text)
        };
        Ok(Rendered { subject: write("subject", SUBJECT_MAX)?, text: write("text", TEXT_MAX)? })
    }
}

impl Template {
    fn declares(&self, variable: &str) -> bool {
        match variable.strip_prefix("own.") {
            Some(own) => self.own.contains_key(own),
            None => self.variables.contains_key(variable),
        }
    }

    /// Checks that a record says everything that the texts need.
    ///
    /// # Errors
    /// [`NoticeError::VariableMissing`].
    pub fn check(&self, variables: &Map<String, Json>) -> Result<(), NoticeError> {
        check(&self.variables, variables, "")
    }
}

fn check(
    kinds: &BTreeMap<String, VariableKind>,
    values: &Map<String, Json>,
    prefix: &str,
) -> Result<(), NoticeError> {
    for (name, kind) in kinds {
        if !values.get(name).is_some_and(|value| kind.fits(value)) {
            let kind = match kind {
                VariableKind::Text => "a text",
                VariableKind::Moment => "an instant such as 2026-03-01T00:00:00Z",
                VariableKind::Minutes => "a number of minutes",
                VariableKind::Number => "a whole number",
            };
            return Err(NoticeError::VariableMissing(format!("{prefix}{name}, {kind}")));
        }
    }
    Ok(())
}

fn name(kind: Kind, stage: Stage, part: &str) -> String {
    format!("{kind}.{stage}.{part}")
}

fn wrong(document: &str, place: &str, reason: String) -> NoticeError {
    NoticeError::Template { document: document.to_owned(), place: place.to_owned(), reason }
}

/// An environment that knows three filters and nothing else: no files, no loops without end.
fn environment(language: Language, zone: &Zone) -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let zone = TimeZone::get(&zone.to_string()).unwrap_or(TimeZone::UTC);
    let written = |format: &'static str| {
        let zone = zone.clone();
        move |text: &str| -> Result<String, Error> {
            let unread = |_| Error::new(ErrorKind::InvalidOperation, "it is no instant");
            let at: Timestamp = text.parse().map_err(unread)?;
            Ok(at.to_zoned(zone.clone()).strftime(format).to_string())
        }
    };
    let (moment, minutes): (_, fn(i64) -> String) = match language {
        Language::Zh => ("%-m月%-d日%H:%M", |minutes| match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes}分钟"),
            (hours, 0) => format!("{hours}小时"),
            (hours, minutes) => format!("{hours}小时{minutes}分钟"),
        }),
        Language::En => ("%H:%M on %-d %B", |minutes| match (minutes / 60, minutes % 60) {
            (0, minutes) => format!("{minutes} min"),
            (hours, 0) => format!("{hours} h"),
            (hours, minutes) => format!("{hours} h {minutes} min"),
        }),
    };
    environment.add_filter("moment", written(moment));
    environment.add_filter("clock", written("%H:%M"));
    environment.add_filter("minutes", minutes);
    environment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::get("Asia/Shanghai").unwrap()
    }

    fn variables(value: &Json) -> Map<String, Json> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn there_is_a_text_for_every_kind_and_stage_in_both_languages() {
        let templates = Templates::bundled(&zone()).unwrap();
        for kind in Kind::ALL {
            for stage in Stage::ALL {
                templates.get(*kind, *stage).unwrap();
            }
        }
    }

    #[test]
    fn a_fault_is_told_in_the_persons_language_and_local_time() {
        let templates = Templates::bundled(&zone()).unwrap();
        let variables = variables(&json!({
            "place": "九里街1号", "since": "2026-03-10T11:42:00Z", "reason": "支线跳闸",
            "restore_from": "2026-03-10T12:10:00Z", "restore_to": "2026-03-10T13:10:00Z",
        }));
        let key = (Kind::Fault, Stage::During);
        let zh = templates.render(key, Language::Zh, &variables, "").unwrap();
        assert_eq!(
            zh.text,
            "【供电】九里街1号于3月10日19:42发生故障停电，原因：支线跳闸。抢修人员正在处理，预计20:10至21:10恢复供电。"
        );
        let en = templates.render(key, Language::En, &variables, "").unwrap();
        assert!(en.text.contains("since 19:42 on 10 March"), "{}", en.text);
        let mut missing = variables;
        missing.remove("reason");
        let error = templates.render(key, Language::Zh, &missing, "").unwrap_err();
        assert_eq!(error.to_string(), "the notice needs reason, a text: say it in its variables");
    }

    #[test]
    fn thanks_name_cause_and_duration() {
        let templates = Templates::bundled(&zone()).unwrap();
        let variables = variables(&json!({
            "place": "九里街", "restored": "2026-03-10T13:05:00Z", "minutes": 83, "reason": "支线跳闸",
        }));
        let text = templates.render((Kind::Fault, Stage::After), Language::Zh, &variables, "");
        let text = text.unwrap().text;
        assert!(text.contains("1小时23分钟") && text.contains("支线跳闸") && text.contains("感谢"));
    }

    #[test]
    fn a_debt_is_told_to_its_debtor_with_the_account() {
        let templates = Templates::bundled(&zone()).unwrap();
        let variables = variables(&json!({
            "cut": "2026-03-14T02:00:00Z", "amount": "86400.00元", "overdue_since": "2025-12-15T00:00:00Z",
        }));
        let key = (Kind::Arrears, Stage::Before);
        let own = r#"{"account":"4200000001"}"#;
        let text = templates.render(key, Language::Zh, &variables, own).unwrap().text;
        assert!(text.contains("户号4200000001") && text.contains("3月14日10:00"), "{text}");
        assert!(templates.render(key, Language::Zh, &variables, "").is_err());
        assert!(templates.render(key, Language::Zh, &variables, "{").is_err());
    }

    const GOOD: &str = r#"
        [[template]]
        kind = "fault"
        stage = "during"
        safety = true
        consent = false
        variables = { place = "text" }
        [template.zh]
        subject = "停电"
        text = "{{ place }}停电"
        [template.en]
        subject = "Out"
        text = "{{ place }} is out"
    "#;

    #[test]
    fn a_template_with_a_mistake_is_refused_at_load() {
        let load = |text: &str| Templates::load([("t.toml", text)], &zone());
        load(GOOD).unwrap();
        let bad = [
            ("{{ place }} is out", "{{ plce }} is out", "no variable plce"),
            ("{{ place }} is out", "{{ place.name }} is out", "no variable place.name"),
            ("{{ place }} is out", "{{ own.account }} is out", "no variable own.account"),
            ("{{ place }} is out", "{{ own }} is out", "no variable own"),
            ("{{ place }} is out", "{{ place | shout }}", "unknown"),
            ("{{ place }} is out", "{{ place | moment }}", "no instant"),
            ("{{ place }} is out", "{{ place is out", "syntax error"),
            ("{{ place }} is out", " ", "the text is empty"),
            ("{{ place }} is out", "{% include 'x' %}", "syntax error"),
            ("\"fault\"", "\"flood\"", "unknown variant"),
            ("safety = true", "safety = true\nurgent = 1", "unknown field"),
        ];
        for (from, to, expected) in bad {
            let error = load(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
        assert!(load(&format!("{GOOD}{GOOD}")).unwrap_err().to_string().contains("there are two"));
    }

    #[test]
    fn what_a_record_says_is_never_taken_for_a_template() {
        let templates = Templates::load([("t.toml", GOOD)], &zone()).unwrap();
        let variables = variables(&json!({ "place": "{{ own }} {% for x in y %}" }));
        let text = templates.render((Kind::Fault, Stage::During), Language::En, &variables, "");
        assert_eq!(text.unwrap().text, "{{ own }} {% for x in y %} is out");
    }

    #[test]
    fn a_stored_template_writes_the_same_text() {
        let templates = Templates::load([("t.toml", GOOD)], &zone()).unwrap();
        let body = serde_json::to_string(templates.get(Kind::Fault, Stage::During).unwrap());
        let stored = Templates::stored(&body.unwrap(), &zone()).unwrap();
        let variables = variables(&json!({ "place": "九里街" }));
        let key = (Kind::Fault, Stage::During);
        let write = |t: &Templates| t.render(key, Language::Zh, &variables, "").unwrap();
        assert_eq!(write(&templates), write(&stored));
    }
}
