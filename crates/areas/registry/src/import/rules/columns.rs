//! The columns of a file of customers: their names in the heading, and where their values go.

use csv::ByteRecord;
use encoding_rs::Encoding;

use super::file::FileError;
use crate::CustomerForm;

/// The names of the columns: as in the form, and in Chinese.
pub(super) const COLUMNS: [(&str, &str); 21] = [
    ("account_no", "户号"),
    ("usage_point_code", "用电点编号"),
    ("name", "户名"),
    ("kind", "客户类型"),
    ("phone", "联系电话"),
    ("id_card", "身份证号"),
    ("credit_code", "统一社会信用代码"),
    ("email", "电子邮箱"),
    ("language", "语言"),
    ("address", "用电地址"),
    ("community", "小区"),
    ("building", "楼栋"),
    ("unit", "单元"),
    ("aliases", "地址别名"),
    ("transformer_area", "台区编号"),
    ("class", "用电类别"),
    ("voltage", "供电电压"),
    ("dedicated_transformer", "专变"),
    ("opened_on", "立户日期"),
    ("invoice_title", "发票抬头"),
    ("marks", "特殊标识"),
];
const NEEDED: [&str; 6] = ["account_no", "name", "address", "class", "voltage", "opened_on"];

/// For each column of the file, its place in [`COLUMNS`].
pub(super) fn heading(
    record: &ByteRecord,
    encoding: &'static Encoding,
) -> Result<Vec<usize>, FileError> {
    let mut places: Vec<usize> = Vec::with_capacity(record.len());
    for value in record {
        let (name, _) = encoding.decode_without_bom_handling(value);
        let name = name.trim();
        let place = COLUMNS
            .iter()
            .position(|(english, chinese)| name.eq_ignore_ascii_case(english) || name == *chinese)
            .ok_or_else(|| {
                let known: Vec<&str> = COLUMNS.iter().map(|(english, _)| *english).collect();
                FileError::Heading(format!(
                    "there is no column {:?}: the columns are {}",
                    name.chars().take(40).collect::<String>(),
                    known.join(", ")
                ))
            })?;
        if places.contains(&place) {
            return Err(FileError::Heading(format!("the column {name:?} is there twice")));
        }
        places.push(place);
    }
    let missing = |needed: &&&str| !places.iter().any(|p| COLUMNS[*p].0 == **needed);
    let missing: Vec<&str> = NEEDED.iter().filter(missing).copied().collect();
    if missing.is_empty() {
        Ok(places)
    } else {
        Err(FileError::Heading(format!("these columns are missing: {}", missing.join(", "))))
    }
}

/// Puts a value into its field.
pub(super) fn set(form: &mut CustomerForm, column: &str, text: &str) {
    let field = match column {
        "account_no" => &mut form.account_no,
        "usage_point_code" => &mut form.usage_point_code,
        "name" => &mut form.name,
        "kind" => &mut form.kind,
        "phone" => &mut form.phone,
        "id_card" => &mut form.id_card,
        "credit_code" => &mut form.credit_code,
        "email" => &mut form.email,
        "language" => &mut form.language,
        "address" => &mut form.address,
        "community" => &mut form.community,
        "building" => &mut form.building,
        "unit" => &mut form.unit,
        "aliases" => &mut form.aliases,
        "transformer_area" => &mut form.transformer_area,
        "class" => &mut form.class,
        "voltage" => &mut form.voltage,
        "dedicated_transformer" => &mut form.dedicated_transformer,
        "opened_on" => &mut form.opened_on,
        "invoice_title" => &mut form.invoice_title,
        _ => &mut form.marks,
    };
    text.clone_into(field);
}
