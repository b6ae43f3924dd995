//! A customer as one thing: person, account, place and usage point. A form holds what people
//! typed or a file said; parsing it gives either all that is wrong or values in normal form.
//! Registration at the counter, bulk loads and the CSV import all go through here.

use kernel::Date;

use crate::{
    ContactRole, PersonKind, Scheme, UsageClass,
    vocabulary::marks,
    words::{address, normal},
};

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, as it is named in forms, in JSON and in the heading of the CSV file.
    pub field: &'static str,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// What was typed or read; every field may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct CustomerForm {
    /// 户号
    pub account_no: String,
    /// Code of the usage point; empty means the account number.
    pub usage_point_code: String,
    /// 户名
    pub name: String,
    /// `person` or `company`; empty means that the name and documents decide.
    pub kind: String,
    /// Telephone.
    pub phone: String,
    /// Identity card number.
    pub id_card: String,
    /// Unified social credit code.
    pub credit_code: String,
    /// E-mail.
    pub email: String,
    /// `zh` or `en`; empty means `zh`.
    pub language: String,
    /// 用电地址
    pub address: String,
    /// Community or village; empty means that the address decides.
    pub community: String,
    /// Building; empty means that the address decides.
    pub building: String,
    /// Unit; empty means that the address decides.
    pub unit: String,
    /// Other names of the place, between semicolons.
    pub aliases: String,
    /// Code of the 台区.
    pub transformer_area: String,
    /// `residential`, …
    pub class: String,
    /// Such as `220V`, `10kV`.
    pub voltage: String,
    /// 专变: yes or no; empty means no.
    pub dedicated_transformer: String,
    /// The first day of service.
    pub opened_on: String,
    /// Title of the invoice; empty means the name.
    pub invoice_title: String,
    /// Marks on the usage point, between semicolons.
    pub marks: String,
}

/// A customer in normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// What kind of person.
    pub kind: PersonKind,
    /// 户名
    pub name: String,
    /// `zh` or `en`.
    pub language: String,
    /// Documents and addresses by which the person is known: scheme and normal form.
    pub identities: Vec<(Scheme, String)>,
    /// Telephone in E.164, if known; it becomes a contact point.
    pub phone: Option<String>,
    /// E-mail, if known; it becomes a contact point.
    pub email: Option<String>,
    /// What the telephone is for.
    pub contact_role: ContactRole,
    /// 户号
    pub account_no: String,
    /// Title of the invoice when it is not the name.
    pub invoice_title: Option<String>,
    /// The first day of service.
    pub opened_on: Date,
    /// Where.
    pub place: Place,
    /// Code of the usage point.
    pub usage_point_code: String,
    /// Code of the 台区.
    pub transformer_area: Option<String>,
    /// What the electricity is for.
    pub class: UsageClass,
    /// Such as `220V`.
    pub voltage: String,
    /// 专变
    pub dedicated_transformer: bool,
    /// Marks on the usage point, in force from `opened_on`.
    pub marks: Vec<String>,
}

/// A service location in normal form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The address in one line.
    pub address: String,
    /// Its parts, guessed from the address where nobody said.
    pub parts: address::Parts,
    /// Other names.
    pub aliases: Vec<String>,
}

impl Place {
    /// A place from its address alone.
    #[must_use]
    pub fn at(text: &str) -> Self {
        let address = address::tidy(text);
        Self { parts: address::parts(&address), address, aliases: Vec::new() }
    }
}

/// Collects what is wrong, so that one answer names all of it.
#[derive(Debug, Default)]
pub(crate) struct Faults(pub Vec<FieldError>);

impl Faults {
    pub(crate) fn add(&mut self, field: &'static str, message: impl ToString) {
        self.0.push(FieldError { field, message: message.to_string() });
    }

    /// The value, or `None` with the fault noted.
    pub(crate) fn take<T, E: ToString>(
        &mut self,
        field: &'static str,
        result: Result<T, E>,
    ) -> Option<T> {
        result.map_err(|e| self.add(field, e)).ok()
    }

    /// As [`Faults::take`], and nothing for a blank text.
    pub(crate) fn optional<T, E: ToString>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if text.trim().is_empty() { None } else { self.take(field, parse(text)) }
    }
}

impl CustomerForm {
    /// Reads the form.
    ///
    /// # Errors
    /// Every field that is wrong or missing.
    pub fn parse(&self) -> Result<Customer, Vec<FieldError>> {
        let mut faults = Faults::default();
        let account_no = faults.take("account_no", normal::code(&self.account_no));
        let usage_point_code =
            faults.optional("usage_point_code", &self.usage_point_code, normal::code);
        let name = faults.take("name", normal::line(&self.name, 100));
        let identities = self.identities(&mut faults);
        let phone = faults.optional("phone", &self.phone, normal::phone);
        let email = faults.optional("email", &self.email, normal::email);
        let kind = faults.optional("kind", &self.kind, |t| t.trim().parse::<PersonKind>());
        let language = faults.optional("language", &self.language, language);
        let place = self.place(&mut faults);
        let transformer_area =
            faults.optional("transformer_area", &self.transformer_area, normal::code);
        let class = faults.take("class", class(&self.class));
        let voltage = faults.take("voltage", voltage(&self.voltage));
        let dedicated =
            faults.optional("dedicated_transformer", &self.dedicated_transformer, yes_or_no);
        let opened_on = faults.take("opened_on", date(&self.opened_on));
        let invoice_title =
            faults.optional("invoice_title", &self.invoice_title, |t| normal::line(t, 100));
        let marks = self.marks(&mut faults);
        match (account_no, name, place, class, voltage, opened_on) {
            (
                Some(account_no),
                Some(name),
                Some(place),
                Some(class),
                Some(voltage),
                Some(opened_on),
            ) if faults.0.is_empty() => Ok(Customer {
                kind: kind.unwrap_or_else(|| kind_of(&name, &identities)),
                language: language.unwrap_or_else(|| "zh".to_owned()),
                identities,
                phone,
                email,
                contact_role: ContactRole::Payer,
                invoice_title: invoice_title.filter(|t| *t != name),
                name,
                opened_on,
                place,
                usage_point_code: usage_point_code.unwrap_or_else(|| account_no.clone()),
                account_no,
                transformer_area,
                class,
                voltage,
                dedicated_transformer: dedicated.unwrap_or(false),
                marks,
            }),
            _ => Err(faults.0),
        }
    }

    fn identities(&self, faults: &mut Faults) -> Vec<(Scheme, String)> {
        let id_card = faults.optional("id_card", &self.id_card, normal::id_card);
        let credit_code = faults.optional("credit_code", &self.credit_code, normal::credit_code);
        let id_card = id_card.map(|v| (Scheme::IdCard, v));
        id_card.into_iter().chain(credit_code.map(|v| (Scheme::CreditCode, v))).collect()
    }

    fn place(&self, faults: &mut Faults) -> Option<Place> {
        let address = faults.take("address", normal::line(&self.address, 200));
        let mut part = |field, text: &str| {
            faults.optional(field, text, |t| normal::line(t, 60)).map(|t| address::tidy(&t))
        };
        let community = part("community", &self.community);
        let building = part("building", &self.building);
        let unit = part("unit", &self.unit);
        let aliases = list(&self.aliases)
            .filter_map(|a| faults.take("aliases", normal::line(a, 60)))
            .collect();
        let mut place = Place { aliases, ..Place::at(&address?) };
        let parts = &mut place.parts;
        for (said, part) in [
            (community, &mut parts.community),
            (building, &mut parts.building),
            (unit, &mut parts.unit),
        ] {
            if let Some(said) = said {
                *part = said;
            }
        }
        Some(place)
    }

    fn marks(&self, faults: &mut Faults) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for mark in list(&self.marks) {
            if marks::ALL.contains(&mark) {
                found.push(mark.to_owned());
            } else {
                faults.add(
                    "marks",
                    format!("{mark:?} is no mark: write any of {}", marks::ALL.join(", ")),
                );
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；']).map(str::trim).filter(|t| !t.is_empty())
}

/// A company when a document or the end of the name says so.
fn kind_of(name: &str, identities: &[(Scheme, String)]) -> PersonKind {
    const ENDS: [&str; 14] = [
        "公司",
        "厂",
        "店",
        "学校",
        "小学",
        "中学",
        "医院",
        "委员会",
        "政府",
        "局",
        "合作社",
        "银行",
        "中心",
        "站",
    ];
    let documented = identities.iter().any(|(scheme, _)| *scheme == Scheme::CreditCode);
    let personal = identities.iter().any(|(scheme, _)| *scheme == Scheme::IdCard);
    let long = name.chars().count() > 3;
    if documented || !personal && long && ENDS.iter().any(|end| name.ends_with(end)) {
        PersonKind::Company
    } else {
        PersonKind::Person
    }
}

fn language(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        known @ ("zh" | "en") => Ok(known.to_owned()),
        _ => Err("write zh or en"),
    }
}

/// The stored word or the Chinese one.
fn class(text: &str) -> Result<UsageClass, crate::UnknownWord> {
    match text.trim() {
        "居民" | "居民生活" => Ok(UsageClass::Residential),
        "商业" | "一般工商业" => Ok(UsageClass::Commercial),
        "工业" | "大工业" => Ok(UsageClass::Industrial),
        "农业" | "农业生产" => Ok(UsageClass::Agricultural),
        "其他" => Ok(UsageClass::Other),
        word => word.parse(),
    }
}

/// A voltage as the trade writes it: 220V, 380V, 10kV.
///
/// # Errors
/// What to write instead.
pub fn voltage(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "not a voltage: write digits and V or kV, such as 220V, 380V, 10kV";
    let text = normal::half_width(text).replace([' ', ','], "").to_ascii_lowercase();
    let (digits, unit) = match text.strip_suffix("kv").or_else(|| text.strip_suffix("千伏")) {
        Some(digits) => (digits, "kV"),
        None => (text.strip_suffix('v').or_else(|| text.strip_suffix('伏')).ok_or(WRONG)?, "V"),
    };
    let shape = digits.len() <= 6
        && digits.starts_with(|c: char| c.is_ascii_digit() && c != '0' || digits.starts_with("0."))
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.matches('.').count() <= 1;
    if shape { Ok(format!("{digits}{unit}")) } else { Err(WRONG) }
}

fn yes_or_no(text: &str) -> Result<bool, &'static str> {
    match text.trim().to_lowercase().as_str() {
        "1" | "true" | "yes" | "y" | "是" => Ok(true),
        "0" | "false" | "no" | "n" | "否" => Ok(false),
        _ => Err("write yes or no (是 or 否)"),
    }
}

/// A date as 2026-01-31, 2026/1/31 or 20260131, between 1900 and 2100.
///
/// # Errors
/// What to write instead.
pub fn date(text: &str) -> Result<Date, &'static str> {
    const WRONG: &str = "not a date: write it as 2026-01-31";
    let text = normal::half_width(text).trim().replace('/', "-");
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let (year, month, day) = if digits {
        (&text[..4], &text[4..6], &text[6..])
    } else {
        let (year, rest) = text.split_once('-').ok_or(WRONG)?;
        let (month, day) = rest.split_once('-').ok_or(WRONG)?;
        (year, month, day)
    };
    let year: i16 = year.parse().map_err(|_| WRONG)?;
    let month: i8 = month.parse().map_err(|_| WRONG)?;
    let day: i8 = day.parse().map_err(|_| WRONG)?;
    Date::new(year, month, day).ok().filter(|d| (1900..2100).contains(&d.year())).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn form() -> CustomerForm {
        let text = str::to_owned;
        CustomerForm {
            account_no: text("4200000001"),
            name: text(" 张伟 "),
            phone: text("138 1234 5678"),
            address: text("青山县柳河镇阳光花园3栋2单元502室"),
            class: text("居民"),
            voltage: text("220v"),
            opened_on: text("2024/1/5"),
            ..CustomerForm::default()
        }
    }

    #[test]
    fn a_short_form_gives_a_whole_customer() {
        let customer = form().parse().unwrap();
        assert_eq!(customer.kind, PersonKind::Person);
        assert_eq!((customer.name.as_str(), customer.language.as_str()), ("张伟", "zh"));
        assert_eq!(customer.phone.as_deref(), Some("+8613812345678"));
        assert_eq!(customer.usage_point_code, "4200000001");
        assert_eq!(customer.place.parts.community, "阳光花园");
        assert_eq!(customer.place.parts.building, "3栋");
        assert_eq!(customer.voltage, "220V");
        assert_eq!(customer.opened_on, Date::constant(2024, 1, 5));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let form = CustomerForm {
            phone: "12".into(),
            id_card: "110105194912310021".into(),
            class: "palace".into(),
            voltage: "220".into(),
            opened_on: "2024-02-30".into(),
            marks: "low_income;rich".into(),
            dedicated_transformer: "maybe".into(),
            ..CustomerForm::default()
        };
        let wrong: Vec<&str> = form.parse().unwrap_err().iter().map(|e| e.field).collect();
        assert_eq!(
            wrong,
            [
                "account_no",
                "name",
                "id_card",
                "phone",
                "address",
                "class",
                "voltage",
                "dedicated_transformer",
                "opened_on",
                "marks",
            ]
        );
    }

    #[test]
    fn a_credit_code_or_the_name_makes_it_a_company() {
        let company = |name: &str, credit_code: &str| {
            let form =
                CustomerForm { name: name.into(), credit_code: credit_code.into(), ..form() };
            form.parse().unwrap().kind
        };
        assert_eq!(company("湖北华信机械有限公司", ""), PersonKind::Company);
        assert_eq!(company("老王", "91350100M000100Y43"), PersonKind::Company);
        assert_eq!(company("王小店", ""), PersonKind::Person);
        assert_eq!(company("柳河镇中心小学", ""), PersonKind::Company);
    }

    #[test]
    fn voltages_and_dates_are_read_as_written() {
        assert_eq!(voltage("10 KV").as_deref(), Ok("10kV"));
        assert_eq!(voltage("0.4kV").as_deref(), Ok("0.4kV"));
        assert_eq!(voltage("３８０伏").as_deref(), Ok("380V"));
        assert!(voltage("kV").is_err() && voltage("1.2.3V").is_err() && voltage("-10kV").is_err());
        assert_eq!(date("20240229"), Ok(Date::constant(2024, 2, 29)));
        assert!(
            date("2023-02-29").is_err() && date("24-1-1").is_err() && date("1899-12-31").is_err()
        );
    }

    proptest! {
        #[test]
        fn no_form_makes_it_stumble(text in "\\PC{0,20}", other in "\\PC{0,20}") {
            let form = CustomerForm {
                account_no: text.clone(), name: other.clone(), kind: text.clone(), address: other.clone(),
                voltage: text.clone(), opened_on: other.clone(), aliases: text.clone(), marks: other,
                building: text, ..form()
            };
            let _ = form.parse();
        }
    }
}
