//! The gallery's pages. Their words are invented and stand here, in both languages; real pages
//! take theirs from the catalogues.

use askama::Template;
use axum::response::Response;
use kernel::{Date, Energy, Money};
use lamplight::http::{
    Visit,
    console::{
        confirm::ConfirmPage,
        home::{Decision, HomePage},
    },
    failure::ok,
    i18n::{Locale, Words},
    ui::{
        Alert, Badge, Cell, Chart, ChartKind, Choice, ClockBadge, Column, Crumb, Definitions,
        Empty, Explain, Field, Figure, Html, Input, Moment, NavGroup, NavItem, Page, Pager,
        Progress, Row, Series, Sign, Sort, Step, Tab, Table, Tabs, Timeline, Who,
        svg::{self, Bucket, DayWindow},
    },
};

fn say(t: Words, zh: &'static str, en: &'static str) -> &'static str {
    match t.locale() {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

pub fn nav(visit: &Visit) -> Vec<NavGroup> {
    let t = visit.t();
    let item = |label: &str, icon, path: &str, count: Option<&str>| NavItem {
        label: label.to_owned(),
        href: path.to_owned(),
        icon,
        count: count.map(str::to_owned),
        current: visit.path() == path,
    };
    if visit.path().starts_with("/gallery/portal") {
        let items = vec![
            item(say(t, "用电", "Usage"), "chart", "/gallery/portal", None),
            item(say(t, "账单", "Bills"), "bill", "/gallery/portal#bills", None),
            item(say(t, "我的", "Account"), "person", "/gallery/portal#account", None),
        ];
        return vec![NavGroup { label: String::new(), items }];
    }
    vec![
        NavGroup {
            label: String::new(),
            items: vec![
                item(say(t, "工作台", "Home"), "home", "/gallery/home", Some("17")),
                item(say(t, "客户", "Customers"), "people", "/gallery", None),
                item(say(t, "电量异常", "Exceptions"), "check-list", "/gallery/empty", Some("12")),
                item(say(t, "账单", "Bills"), "bill", "/gallery/confirm", None),
            ],
        },
        NavGroup {
            label: say(t, "运行", "Operation").to_owned(),
            items: vec![
                item(say(t, "结算", "Settlement"), "run", "/gallery#runs", None),
                item(say(t, "电价", "Tariffs"), "tariff", "/gallery#tariffs", None),
                item(say(t, "表计", "Meters"), "meter", "/gallery#meters", None),
            ],
        },
        NavGroup {
            label: say(t, "管理", "Administration").to_owned(),
            items: vec![
                item(say(t, "用户", "Users"), "person", "/gallery#users", None),
                item(say(t, "审计", "Audit"), "audit", "/gallery#audit", None),
            ],
        },
    ]
}

#[derive(Template)]
#[template(path = "gallery/console.html")]
struct ConsolePage {
    t: Words,
    page: Page,
    parts: Parts,
}

struct Parts {
    tabs: Tabs,
    figures: Vec<Figure>,
    chart: Chart,
    table: Table,
    pager: Pager,
    filters: Vec<Field>,
    badges: Vec<Html>,
    alerts: Vec<Alert>,
    explain: Explain,
    definitions: Definitions,
    timeline: Timeline,
    progress: Vec<Progress>,
    fields: Vec<Field>,
    strip: Html,
    ring: Html,
    nothing: Empty,
    use_title: &'static str,
    use_text: &'static str,
    hours_title: &'static str,
    hours_text: &'static str,
}

fn frame(visit: &Visit, title: &str) -> Page {
    let t = visit.t();
    let mut page = visit.page(title).with_charts();
    page.who.get_or_insert_with(|| Who {
        name: say(t, "王芳", "Wang Fang").to_owned(),
        place: say(t, "云溪县供电公司 · 城关供电所", "Yunxi County · Chengguan office").to_owned(),
    });
    page
}

pub async fn console(visit: Visit) -> Response {
    let t = visit.t();
    let page = frame(&visit, say(t, "李建国 · 0412 0087 7315", "Li Jianguo · 0412 0087 7315"))
        .crumb(say(t, "工作台", "Home"), "/gallery/home")
        .crumb(say(t, "客户", "Customers"), "/gallery");
    ok(&ConsolePage { t, page, parts: parts(&visit) })
}

fn parts(visit: &Visit) -> Parts {
    let t = visit.t();
    Parts {
        tabs: tabs(t),
        figures: figures(t),
        chart: chart(t),
        table: table(t),
        pager: Pager::new(t, 6, Some(1_248)).next(Some("/gallery?after=6".into())),
        filters: filters(t),
        badges: badges(visit),
        alerts: alerts(t),
        explain: explain(t),
        definitions: definitions(t),
        timeline: timeline(t),
        progress: running(t),
        fields: fields(t),
        strip: svg::day_strip(
            say(t, "夏季工作日分时时段", "Hours of a summer weekday"),
            &windows(t),
        ),
        ring: svg::day_ring(say(t, "夏季工作日分时时段", "Hours of a summer weekday"), &windows(t)),
        nothing: nothing(t),
        use_title: say(t, "使用概况", "Use"),
        use_text: say(
            t,
            "本年用电 2,761 千瓦时，已进入第二档。",
            "2,761 kWh this year: tier 2 has begun.",
        ),
        hours_title: say(t, "分时电价", "Hours and prices"),
        hours_text: say(
            t,
            "深色为高价时段；字母与颜色含义相同。",
            "Dark is dear; letter and colour say the same.",
        ),
    }
}

fn tabs(t: Words) -> Tabs {
    let tab = |label: &str, count: Option<&str>, current| Tab {
        label: label.to_owned(),
        href: "/gallery".to_owned(),
        count: count.map(str::to_owned),
        current,
    };
    Tabs::new(
        say(t, "客户资料", "Customer"),
        vec![
            tab(say(t, "概况", "Overview"), None, true),
            tab(say(t, "账单", "Bills"), Some("24"), false),
            tab(say(t, "抄表", "Readings"), Some("365"), false),
            tab(say(t, "表计", "Meters"), Some("2"), false),
            tab(say(t, "往来", "History"), None, false),
        ],
    )
}

fn figures(t: Words) -> Vec<Figure> {
    vec![
        Figure::new(say(t, "本月电费", "This month"), t.money(Money::cny(1_854_700)))
            .change(Sign::Warn, say(t, "比上月高 18.2%", "18.2% above May"))
            .href("/gallery"),
        Figure::new(say(t, "本月电量", "Energy"), "312.4").unit(t.get("unit.kwh")).note(say(
            t,
            "30 天，其中 2 天估算",
            "30 days, 2 of them estimated",
        )),
        Figure::new(say(t, "可用余额", "Available"), t.money(Money::cny(-123_400)))
            .change(Sign::Bad, say(t, "已欠费 3 天", "3 days overdue")),
        Figure::new(say(t, "阶梯位置", "Tier"), say(t, "第二档", "2 of 3")).note(say(
            t,
            "距第三档还有 2,039 千瓦时",
            "2,039 kWh before tier 3",
        )),
    ]
}

fn chart(t: Words) -> Chart {
    let labels: Vec<String> = (1..=30).map(|d| t.day(Date::constant(2026, 6, d))).collect();
    let use_wh = |d: i64| 80 + (d * 37) % 55 + if d % 7 > 4 { 30 } else { 0 };
    let values: Vec<Option<i64>> = (1..=30).map(|d| (d != 14).then(|| use_wh(d))).collect();
    Chart::new(
        t,
        say(t, "6 月每日用电", "Use by day in June"),
        ChartKind::Bar,
        say(t, "日期", "Day"),
        labels,
    )
    .unit(t.get("unit.kwh"), 1)
    .series(Series {
        name: say(t, "用电量", "Use").to_owned(),
        values,
        estimated: (1..=30).map(|d| d == 15 || d == 16).collect(),
    })
}

fn table(t: Words) -> Table {
    let columns = vec![
        Column::text(say(t, "账期", "Month")).main().sort("month"),
        Column::number(format!("{} ({})", say(t, "电量", "Energy"), t.get("unit.kwh")))
            .sort("energy"),
        Column::number(format!("{} ({})", say(t, "电费", "Amount"), t.get("unit.yuan")))
            .sort("amount"),
        Column::text(say(t, "走势", "Course")),
        Column::text(say(t, "状态", "State")),
        Column::text(say(t, "出账日期", "Issued")),
    ];
    let bill = |month: i8, kwh: i64, money: i64, sign: Sign, state: &str| {
        let days: Vec<Option<i64>> =
            (0..14).map(|d| Some((d * i64::from(month) * 7) % 23)).collect();
        let first = Date::constant(2026, month, 1);
        Row::new(vec![
            Cell::link(t.month(first), "/gallery"),
            Cell::text(t.kwh(Energy::from_ukwh(kwh))),
            Cell::text(t.amount(Money::cny(money))).note(say(t, "含尾差 0.01", "rounding 0.01")),
            Cell::part(&svg::spark(say(t, "每日用电走势", "Use by day"), &days)),
            Cell::part(&Badge::new(sign, state)),
            Cell::text(t.date(first)),
        ])
    };
    Table::new(t, say(t, "最近账单", "Latest bills"), columns)
        .sorted(Sort::parse("-month"), "/gallery?class=home")
        .rows([
            bill(6, 312_400_000, 1_854_700, Sign::Info, say(t, "待复核", "To review")),
            bill(5, 264_000_000, 1_569_100, Sign::Ok, say(t, "已结清", "Paid")),
            bill(4, 241_500_000, 1_299_300, Sign::Ok, say(t, "已结清", "Paid")),
            bill(3, 255_250_000, 1_373_200, Sign::Bad, say(t, "已退补", "Corrected")),
            bill(2, 301_000_000, 1_619_400, Sign::Estimated, say(t, "估算", "Estimated")),
            Row::new(vec![
                Cell::text(say(t, "合计", "Total")),
                Cell::text("1,374.15"),
                Cell::text("771.57"),
                Cell::text(""),
                Cell::text(""),
                Cell::text(""),
            ])
            .total(),
        ])
}

fn choices(t: Words) -> Vec<Choice> {
    [
        ("", say(t, "全部", "All")),
        ("home", say(t, "居民", "Residential")),
        ("shop", say(t, "工商业", "Business")),
    ]
    .map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned() })
    .into()
}

fn filters(t: Words) -> Vec<Field> {
    vec![
        Field::new(t, "class", say(t, "用电类别", "Class"), Input::Select)
            .choices(choices(t))
            .required()
            .value("home"),
        Field::new(t, "from", say(t, "起始日期", "From"), Input::Date)
            .required()
            .value("2026-06-01"),
        Field::new(t, "words", say(t, "包含", "Contains"), Input::Search),
    ]
}

fn badges(visit: &Visit) -> Vec<Html> {
    let t = visit.t();
    let now = visit.web().works.db.now();
    let clock = |seconds: i64| {
        let due = now.plus_seconds(seconds);
        ClockBadge::new(t, now, due, &t.instant(due, &visit.web().zone), 7_200)
    };
    let mut badges: Vec<Html> =
        [Sign::Ok, Sign::Warn, Sign::Bad, Sign::Info, Sign::Estimated, Sign::Neutral]
            .map(|sign| Html::of(&Badge::new(sign, t.of("sign", sign.name()))))
            .into();
    badges.extend([90_000, 4_000, -5_400].map(|s| Html::of(&clock(s))));
    badges
}

fn alerts(t: Words) -> Vec<Alert> {
    vec![
        Alert::new(Sign::Ok, say(t, "更正已保存，账单已重新计算。", "The correction is saved and the bill computed again.")),
        Alert::new(Sign::Warn, say(t, "6 月 14 日没有抄到示数", "No reading on 14 June"))
            .text(say(t, "按前后各 7 天的同类日估算了 9.8 千瓦时。抄到实数后会自动更正。", "9.8 kWh was estimated from like days around it, and will be corrected once a reading comes.")),
        Alert::new(Sign::Bad, say(t, "电价文件第 41 行：08:00–08:30 没有时段覆盖", "Tariff line 41: nothing covers 08:00–08:30"))
            .text(say(t, "请补上这半小时，每天 24 小时必须各被覆盖一次。", "Add this half hour: each of the 24 hours must be covered once.")),
    ]
}

fn explain(t: Words) -> Explain {
    let step = |label: &str, arithmetic: &str, result: &str, source: &str| Step {
        label: label.to_owned(),
        arithmetic: arithmetic.to_owned(),
        result: result.to_owned(),
        source: source.to_owned(),
    };
    Explain::new(t, say(t, "185.47 元是怎么算出来的", "How 185.47 came about"))
        .step(step(
            say(t, "第一档电量", "Tier 1 energy"),
            "229.4 kWh × 0.538",
            "123.42",
            "浙发改价格〔2012〕",
        ))
        .step(step(
            say(t, "第二档电量", "Tier 2 energy"),
            "83 kWh × (0.538 + 0.05)",
            "48.80",
            "浙发改价格〔2012〕",
        ))
        .step(step(
            say(t, "峰时加价", "Peak adder"),
            "441.7 kWh × 0.03",
            "13.25",
            say(t, "分时电价附件 2", "Time-of-use, annex 2"),
        ))
        .total(say(t, "合计", "Total"), "185.47")
        .more(
            Html::link(say(t, "查看 30 天示数", "See the 30 daily readings"), "/gallery")
                .and(&Html::link(say(t, "电价文件", "The tariff"), "/gallery")),
        )
        .open()
}

fn definitions(t: Words) -> Definitions {
    Definitions::new()
        .text(say(t, "户号", "Account"), "0412 0087 7315")
        .text(say(t, "电话", "Phone"), "138 **** 2208")
        .text(
            say(t, "用电地址", "Address"),
            say(
                t,
                "云溪县城关镇解放路 118 号 3 幢 2 单元 501",
                "Flat 501, unit 2, block 3, 118 Jiefang Road, Chengguan",
            ),
        )
        .text(
            say(t, "电价", "Tariff"),
            say(t, "居民一户一表，峰谷", "Residential, peak and valley"),
        )
        .html(say(t, "表计", "Meter"), Html::link("3309 0042 1187", "/gallery"))
        .text(say(t, "倍率", "Multiplier"), "1")
}

fn timeline(t: Words) -> Timeline {
    let moment = |sign, at: &str, title: &str, body: &str, by: &str| Moment {
        at: at.to_owned(),
        at_machine: "2026-06-30T08:05:00+08:00".to_owned(),
        title: title.to_owned(),
        body: Html::text(body),
        by: by.to_owned(),
        sign,
    };
    Timeline::new(
        say(t, "往来", "History"),
        vec![
            moment(
                Sign::Info,
                "06-30 08:05",
                say(t, "账单待复核", "Bill waits for review"),
                say(
                    t,
                    "电量比去年同月高 46%，超过 40% 的界限。",
                    "Energy is 46% above June last year; the bound is 40%.",
                ),
                "",
            ),
            moment(
                Sign::Estimated,
                "06-15 02:10",
                say(t, "估算 6 月 14 日电量", "Estimated 14 June"),
                "",
                say(t, "夜间结算", "night run"),
            ),
            moment(
                Sign::Ok,
                "05-31 16:40",
                say(t, "更换电能表", "Meter exchanged"),
                say(
                    t,
                    "旧表止度 8,812.40，新表起度 0.00。",
                    "Old meter closed at 8,812.40, new one opened at 0.00.",
                ),
                say(t, "陈立", "Chen Li"),
            ),
        ],
    )
}

fn running(t: Words) -> Vec<Progress> {
    vec![
        Progress::new(t, "run-1", say(t, "6 月 29 日结算", "Settling 29 June"), 7_412, 12_000)
            .note(say(
                t,
                "每秒 3,100 户，约剩 2 秒",
                "3,100 accounts a second, about 2 seconds left",
            ))
            .poll("/gallery/progress"),
        Progress::new(t, "run-2", say(t, "6 月 28 日结算", "Settling 28 June"), 12_000, 12_000),
        Progress::new(
            t,
            "run-3",
            say(t, "导入 readings-0627.csv", "Import of readings-0627.csv"),
            880,
            12_000,
        )
        .sign(Sign::Bad)
        .note(say(
            t,
            "第 881 行：示数 “12a4” 不是数字。修正后可从此处继续。",
            "Line 881: reading “12a4” is no number. Correct it and resume from here.",
        )),
    ]
}

fn fields(t: Words) -> Vec<Field> {
    vec![
        Field::new(t, "reading", say(t, "更正后的示数", "Corrected reading"), Input::Text)
            .hint(say(t, "单位千瓦时，可带两位小数", "In kWh, up to two decimals"))
            .error(say(
                t,
                "“12a4” 不是数字，例如 1234.56",
                "“12a4” is no number; write for example 1234.56",
            ))
            .value("12a4")
            .required(),
        Field::new(t, "reason", say(t, "原因", "Reason"), Input::Select)
            .choices(choices(t))
            .required(),
        Field::new(t, "remark", say(t, "说明", "Remark"), Input::Area),
        Field::new(t, "notify", say(t, "通知客户", "Tell the customer"), Input::Checkbox)
            .value("yes"),
    ]
}

fn windows(t: Words) -> Vec<DayWindow> {
    let letter = |bucket: Bucket| match (bucket, t.locale()) {
        (Bucket::Deep, Locale::ZhCn) => "深".to_owned(),
        (bucket, Locale::ZhCn) => t.of("bucket", bucket.name()).to_owned(),
        (bucket, Locale::En) => bucket.name().chars().take(1).collect::<String>().to_uppercase(),
    };
    [
        (0, 480, Bucket::Valley),
        (480, 540, Bucket::Flat),
        (540, 660, Bucket::Peak),
        (660, 780, Bucket::Deep),
        (780, 900, Bucket::Flat),
        (900, 1_020, Bucket::Sharp),
        (1_020, 1_320, Bucket::Peak),
        (1_320, 1_440, Bucket::Flat),
    ]
    .map(|(from_min, to_min, bucket)| DayWindow {
        from_min,
        to_min,
        bucket,
        word: letter(bucket),
        title: format!(
            "{:02}:{:02}–{:02}:{:02} {}",
            from_min / 60,
            from_min % 60,
            to_min / 60,
            to_min % 60,
            t.of("bucket", bucket.name())
        ),
    })
    .into()
}

fn nothing(t: Words) -> Empty {
    Empty::new(say(t, "还没有电量异常", "No exceptions yet"), say(t, "夜间结算会把缺数、倒走、突增和停走的表计列在这里，由您决定采用实数、估算还是派人核查。", "The night run lists meters with gaps, backward, sudden or stuck readings here. You decide: accept, estimate or send someone."))
        .action(say(t, "导入示数", "Import readings"), "/gallery")
}

pub async fn home(visit: Visit) -> Response {
    let t = visit.t();
    let decision = |count: &str, title: &str, text: &str, sign, badge: &str| Decision {
        count: count.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        href: "/gallery".to_owned(),
        badge: Badge::new(sign, badge),
    };
    let decisions = vec![
        decision(
            "12",
            say(t, "电量异常待判断", "Reading exceptions to decide"),
            say(
                t,
                "最早一条来自 6 月 26 日，影响 3 张未出账单",
                "The oldest is of 26 June; 3 bills wait for them",
            ),
            Sign::Warn,
            say(t, "今天到期", "Due today"),
        ),
        decision(
            "4",
            say(t, "账单待复核", "Bills to review"),
            say(t, "电费比去年同月高 40% 以上", "More than 40% above the same month last year"),
            Sign::Info,
            say(t, "还有 2 天", "2 days left"),
        ),
        decision(
            "1",
            say(t, "导入失败", "Import failed"),
            say(
                t,
                "readings-0627.csv 停在第 881 行，可继续",
                "readings-0627.csv stopped at line 881 and can resume",
            ),
            Sign::Bad,
            say(t, "已停 3 小时", "Stopped for 3 h"),
        ),
    ];
    ok(&HomePage::framed(frame(&visit, t.get("console.home")), Vec::new(), decisions))
}

pub async fn empty(visit: Visit) -> Response {
    let t = visit.t();
    let page = frame(&visit, say(t, "电量异常", "Exceptions"));
    ok(&HomePage::framed(page, vec![Html::of(&nothing(t))], vec![]))
}

pub async fn confirm(visit: Visit) -> Response {
    let t = visit.t();
    let page = frame(&visit, say(t, "撤销 6 月账单", "Withdraw the June bill"))
        .crumb(say(t, "账单", "Bills"), "/gallery");
    let confirm = ConfirmPage::new(
        page,
        say(
            t,
            "要撤销李建国 6 月的账单（185.47 元）吗？",
            "Withdraw Li Jianguo's bill for June (CNY 185.47)?",
        ),
        "/gallery/confirm",
        say(t, "撤销账单", "Withdraw the bill"),
        "/gallery",
    )
    .consequence(say(
        t,
        "账单作废但保留记录，余额恢复为 −12.34 元",
        "The bill is void but stays on record; the balance returns to −12.34",
    ))
    .consequence(say(t, "客户会收到短信说明", "The customer is told by text message"))
    .field(Field::new(t, "reason", say(t, "原因", "Reason"), Input::Area).required());
    ok(&confirm)
}

#[derive(Template)]
#[template(path = "gallery/portal.html")]
struct PortalPage {
    t: Words,
    page: Page,
    parts: Parts,
}

pub async fn portal(visit: Visit) -> Response {
    let t = visit.t();
    let mut page = visit.page(say(t, "6 月账单", "Bill for June")).with_charts();
    page.crumbs = vec![Crumb {
        label: say(t, "账单", "Bills").to_owned(),
        href: "/gallery/portal".to_owned(),
    }];
    page.who = Some(Who {
        name: say(t, "李建国", "Li Jianguo").to_owned(),
        place: "0412 0087 7315".to_owned(),
    });
    ok(&PortalPage { t, page, parts: parts(&visit) })
}

pub async fn progress(visit: Visit) -> Response {
    let t = visit.t();
    ok(&Progress::new(t, "run-1", say(t, "6 月 29 日结算", "Settling 29 June"), 12_000, 12_000))
}
