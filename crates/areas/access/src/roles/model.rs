//! The rights, by name. A right is a thing one may do; which roles have it is data.

use std::fmt;

/// Declares the rights with their stable names and the words for the roles page.
macro_rules! rights {
    ($($variant:ident $name:literal $zh:literal $en:literal;)*) => {
        /// A thing that a person or a program may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Right {
            $(#[doc = $en] $variant,)*
        }

        impl Right {
            /// Every right, in the order of the roles page.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name, as stored and in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// What it allows, in Chinese.
            #[must_use]
            pub const fn words_zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),* }
            }

            /// What it allows, in English.
            #[must_use]
            pub const fn words_en(self) -> &'static str {
                match self { $(Self::$variant => $en),* }
            }
        }
    };
}

rights! {
    CustomerRead "customer.read" "查看客户（个人信息已脱敏）" "See customers, personal data masked";
    CustomerReadPersonal "customer.read_personal" "查看客户完整个人信息" "See personal data in clear, with a purpose";
    CustomerWrite "customer.write" "建立和修改客户档案" "Create and change customers";
    AgreementWrite "agreement.write" "签订、变更、终止用电合同" "Open, change and end supply agreements";
    MeterRead "meter.read" "查看电能表资产和安装" "See meters and installations";
    MeterWrite "meter.write" "登记、装拆、更换电能表" "Register, install, exchange and remove meters";
    ReadingRead "reading.read" "查看电量示数" "See readings";
    ReadingImport "reading.import" "导入电量示数" "Import readings";
    ReadingEdit "reading.edit" "修改电量示数" "Correct readings";
    ReadingRequest "reading.request" "召测电能表" "Ask meters for readings";
    ExceptionDecide "exception.decide" "处理异常工单" "Decide exceptions";
    TariffRead "tariff.read" "查看电价" "See tariffs";
    TariffPublish "tariff.publish" "发布电价" "Publish tariffs";
    SettlementRead "settlement.read" "查看结算" "See settlement runs";
    SettlementRun "settlement.run" "运行日结和月结" "Run daily settlement and month close";
    BillRead "bill.read" "查看电费账单" "See bills";
    BillReview "bill.review" "复核电费" "Decide bills held for review";
    BillIssue "bill.issue" "发行电费" "Issue bills";
    BillCorrect "bill.correct" "退补电费" "Correct bills";
    LedgerRead "ledger.read" "查看往来账" "See the ledger";
    LedgerWrite "ledger.write" "登记往来账" "Post to the ledger";
    PromiseRead "promise.read" "查看服务承诺" "See promises";
    PromiseWork "promise.work" "办理服务承诺（暂停、恢复、办结、撤销）" "Pause, resume, keep and withdraw promises";
    PromiseApprove "promise.approve" "承担违约责任、发布承诺规则" "Answer for broken promises and publish rule packs";
    NoticeRead "notice.read" "查看通知记录" "See notices and what was told to whom";
    NoticeSend "notice.send" "发送通知、完成通知任务" "Send notices and complete calls";
    JobRead "job.read" "查看后台作业" "See background jobs";
    JobManage "job.manage" "重试和取消后台作业" "Retry and cancel background jobs";
    ExportData "export.data" "导出数据" "Export data";
    AuditRead "audit.read" "查看审计记录" "Read the audit trail";
    UserManage "user.manage" "管理用户和授权" "Manage users and what they may do";
    RoleManage "role.manage" "管理角色" "Manage roles";
    OrganisationManage "organisation.manage" "管理组织机构" "Manage the organisation tree";
    TokenManage "token.manage" "管理接口密钥" "Manage keys for programs";
}

impl Right {
    /// The right with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|right| right.name() == name)
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A role that every installation starts with.
#[derive(Debug, Clone, Copy)]
pub struct DefaultRole {
    /// The stable code.
    pub code: &'static str,
    /// Its name in Chinese.
    pub name_zh: &'static str,
    /// Its name in English.
    pub name_en: &'static str,
    /// What it may do; an administrator can change it afterwards.
    pub rights: &'static [Right],
}

use Right as R;

/// The roles that [`super::ensure_default_roles`] makes.
pub const DEFAULT_ROLES: &[DefaultRole] = &[
    DefaultRole {
        code: "agent",
        name_zh: "客服专员",
        name_en: "Customer service agent",
        rights: &[
            R::CustomerRead,
            R::CustomerReadPersonal,
            R::CustomerWrite,
            R::AgreementWrite,
            R::MeterRead,
            R::ReadingRead,
            R::ReadingRequest,
            R::TariffRead,
            R::BillRead,
            R::LedgerRead,
            R::PromiseRead,
            R::PromiseWork,
            R::NoticeRead,
            R::NoticeSend,
        ],
    },
    DefaultRole {
        code: "billing_clerk",
        name_zh: "核算员",
        name_en: "Billing clerk",
        rights: &[
            R::CustomerRead,
            R::MeterRead,
            R::ReadingRead,
            R::ReadingRequest,
            R::ReadingImport,
            R::ReadingEdit,
            R::ExceptionDecide,
            R::TariffRead,
            R::SettlementRead,
            R::SettlementRun,
            R::BillRead,
            R::BillReview,
            R::BillIssue,
            R::BillCorrect,
            R::LedgerRead,
            R::LedgerWrite,
            R::JobRead,
            R::ExportData,
        ],
    },
    DefaultRole {
        code: "reading_clerk",
        name_zh: "抄表员",
        name_en: "Meter reading clerk",
        rights: &[
            R::CustomerRead,
            R::MeterRead,
            R::MeterWrite,
            R::ReadingRead,
            R::ReadingRequest,
            R::ReadingImport,
            R::ReadingEdit,
            R::ExceptionDecide,
            R::SettlementRead,
        ],
    },
    DefaultRole {
        code: "area_manager",
        name_zh: "台区经理",
        name_en: "Transformer area manager",
        rights: &[
            R::CustomerRead,
            R::CustomerReadPersonal,
            R::MeterRead,
            R::ReadingRead,
            R::ReadingRequest,
            R::ExceptionDecide,
            R::TariffRead,
            R::BillRead,
        ],
    },
    DefaultRole {
        code: "quality_officer",
        name_zh: "质量监督员",
        name_en: "Quality officer",
        rights: &[
            R::CustomerRead,
            R::MeterRead,
            R::ReadingRead,
            R::TariffRead,
            R::SettlementRead,
            R::BillRead,
            R::LedgerRead,
            R::PromiseRead,
            R::NoticeRead,
            R::JobRead,
            R::AuditRead,
            R::ExportData,
        ],
    },
    DefaultRole {
        code: "manager",
        name_zh: "营销主管",
        name_en: "Manager",
        rights: &[
            R::CustomerRead,
            R::CustomerReadPersonal,
            R::MeterRead,
            R::ReadingRead,
            R::ReadingRequest,
            R::ExceptionDecide,
            R::TariffRead,
            R::TariffPublish,
            R::SettlementRead,
            R::SettlementRun,
            R::BillRead,
            R::BillReview,
            R::BillIssue,
            R::BillCorrect,
            R::LedgerRead,
            R::PromiseRead,
            R::PromiseWork,
            R::PromiseApprove,
            R::NoticeRead,
            R::NoticeSend,
            R::JobRead,
            R::JobManage,
            R::ExportData,
            R::AuditRead,
        ],
    },
    DefaultRole {
        code: "administrator",
        name_zh: "系统管理员",
        name_en: "Administrator",
        rights: Right::ALL,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_read_back() {
        let names: BTreeSet<&str> = Right::ALL.iter().map(|r| r.name()).collect();
        assert_eq!(names.len(), Right::ALL.len());
        for right in Right::ALL {
            assert_eq!(Right::from_name(right.name()), Some(*right));
        }
        assert_eq!(Right::from_name("everything"), None);
    }

    #[test]
    fn only_those_who_talk_to_customers_see_personal_data() {
        let with: Vec<&str> = DEFAULT_ROLES
            .iter()
            .filter(|role| role.rights.contains(&Right::CustomerReadPersonal))
            .map(|role| role.code)
            .collect();
        assert_eq!(with, ["agent", "area_manager", "manager", "administrator"]);
    }
}
