//! Customers from CSV files.
//!
//! The file has one line per usage point and a heading with the names of the columns, in English
//! or Chinese, in any order; columns that are not listed are an error, so that a slip is noticed.
//! Values are separated by comma, semicolon or tab, in UTF-8 (with or without a mark at the
//! start) or GBK/GB18030, as Chinese spreadsheets write it.
//!
//! | column | 中文 | needed | value |
//! |---|---|---|---|
//! | `account_no` | 户号 | yes | up to 40 letters, digits, `-`, `_`, `.` |
//! | `usage_point_code` | 用电点编号 | | the same; empty: the account number |
//! | `name` | 户名 | yes | up to 100 characters |
//! | `kind` | 客户类型 | | `person` or `company`; empty: name and documents decide |
//! | `phone` | 联系电话 | | mobile, landline with area code, or + and country code |
//! | `id_card` | 身份证号 | | 18 characters, checked |
//! | `credit_code` | 统一社会信用代码 | | 18 characters, checked |
//! | `email` | 电子邮箱 | | |
//! | `language` | 语言 | | `zh` or `en` |
//! | `address` | 用电地址 | yes | up to 200 characters |
//! | `community` | 小区 | | empty: the address decides; likewise the next two |
//! | `building` | 楼栋 | | |
//! | `unit` | 单元 | | |
//! | `aliases` | 地址别名 | | other names of the place, between `;` |
//! | `transformer_area` | 台区编号 | | code of a 台区 that exists |
//! | `class` | 用电类别 | yes | `residential` 居民, `commercial` 商业, `industrial` 工业, `agricultural` 农业, `other` 其他 |
//! | `voltage` | 供电电压 | yes | `220V`, `380V`, `10kV` |
//! | `dedicated_transformer` | 专变 | | yes or no, 是 or 否 |
//! | `opened_on` | 立户日期 | yes | `2026-01-31` |
//! | `invoice_title` | 发票抬头 | | empty: the name |
//! | `marks` | 特殊标识 | | `low_income;life_support` … |
//!
//! The same line again changes nothing: an account is known by its number, a usage point by its
//! code. So a broken import is simply run again. Wrong lines are named with their number and every
//! wrong field; the person chooses whether the good lines are kept or the whole file refused.

mod ops;
mod rules;

pub use ops::{ImportError, ImportReport, OnFault, import_customers};
pub use rules::{CustomerFile, FileError, LineFault, Row};
