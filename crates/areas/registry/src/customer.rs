//! A customer as one thing: person, account, place and usage point. A form holds what people
//! typed or a file said; parsing it gives either all that is wrong or values in normal form.
//! Registration at the counter, bulk loads and the CSV import all go through here.

use kernel::Date;

use crate::{
    ContactRole, FieldError, PersonKind, Scheme, UsageClass,
    fields::{Faults, class, date, kind_of, language, list, voltage, yes_or_no},
    vocabulary::marks,
    words::{address, normal},
};

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
