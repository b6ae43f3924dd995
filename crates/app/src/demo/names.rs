//! Words from which the demo county's people, companies, places and streets are made. All of
//! them are invented combinations; none is a register of real persons.

/// Frequent surnames.
pub const SURNAMES: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马", "朱", "胡", "郭",
    "何", "林", "高", "罗", "郑", "梁", "谢", "宋", "唐", "许", "邓", "韩", "冯", "曹", "彭", "曾",
    "肖", "田", "董", "潘", "袁", "蔡", "蒋", "余", "于", "杜", "叶", "程", "魏", "苏", "吕", "丁",
    "任", "卢", "姚", "沈", "钟", "姜", "崔", "谭", "陆", "范", "汪", "廖", "石", "金", "韦", "贾",
    "夏", "付", "方", "邹", "熊", "白", "孟", "秦", "邱", "侯", "江", "尹", "薛", "闫", "段", "雷",
    "欧阳", "诸葛",
];

/// Characters of given names.
pub const GIVEN: &[&str] = &[
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明",
    "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "萍", "红", "玲", "建", "国", "志", "海",
    "文", "斌", "婷", "雪", "梅", "琴", "兰", "凤", "春", "晓", "宇", "浩", "欣", "怡", "佳", "子",
    "涵", "轩", "梓", "晨", "阳", "辉", "鹏", "飞", "波", "宁", "龙", "云", "莲", "清", "远", "思",
    "若", "嘉", "豪", "诚",
];

/// Towns of the county; each is served by one substation.
pub const TOWNS: &[(&str, &str)] = &[("城关镇", "明水"), ("东陵镇", "东陵"), ("柳河镇", "柳河")];

/// First halves of community and village names.
pub const PLACES: &[&str] = &[
    "金桂",
    "翠湖",
    "望江",
    "和平",
    "长青",
    "桃园",
    "银杏",
    "东风",
    "新华",
    "安居",
    "康宁",
    "锦绣",
    "碧水",
    "紫荆",
    "枫林",
    "月亮湾",
    "石桥",
    "柳湾",
    "竹溪",
    "梅岭",
    "荷塘",
    "松山",
    "槐荫",
    "杏花",
    "北塘",
    "南坪",
    "西岭",
    "大塘",
    "小河",
    "高岗",
];

/// Second halves of community names in town.
pub const COMMUNITIES: &[&str] = &["小区", "花园", "家园", "公寓", "新村", "里"];

/// Streets in town.
pub const STREETS: &[&str] = &[
    "人民路",
    "建设路",
    "解放街",
    "文化路",
    "中山路",
    "育才街",
    "滨河路",
    "迎宾大道",
    "光明街",
    "幸福路",
    "工农路",
    "朝阳街",
];

/// First halves of company names.
pub const BRANDS: &[&str] = &[
    "恒通",
    "华盛",
    "金源",
    "鑫达",
    "瑞丰",
    "宏远",
    "天成",
    "永兴",
    "德润",
    "佳和",
    "博远",
    "万顺",
    "盛泰",
    "汇丰达",
    "广源",
    "同心",
    "东升",
    "三和",
    "明辉",
    "百川",
    "祥云",
    "久安",
    "兴业",
    "正大",
    "联创",
];

/// What industrial companies make.
pub const INDUSTRIES: &[&str] = &[
    "纺织有限公司",
    "机械制造有限公司",
    "食品加工有限公司",
    "建材有限公司",
    "塑料制品厂",
    "五金厂",
    "化工有限公司",
    "家具有限公司",
    "电子有限公司",
    "包装材料有限公司",
    "铸造厂",
    "水泥制品厂",
];

/// What shops and offices are.
pub const SHOPS: &[&str] = &[
    "超市",
    "餐饮店",
    "宾馆",
    "服装店",
    "药房",
    "网吧",
    "美容店",
    "五金商行",
    "母婴用品店",
    "汽车维修部",
    "培训中心",
    "物流服务部",
    "便利店",
    "火锅店",
    "健身中心",
];

/// Farms and pumping stations.
pub const FARMS: &[&str] = &["灌溉泵站", "养殖场", "蔬菜基地", "水产养殖场", "农机合作社"];

/// Public bodies: name and the class of importance they have in the demo.
pub const PUBLIC_BODIES: &[(&str, &str)] = &[
    ("人民医院", "important_1"),
    ("自来水公司", "important_1"),
    ("中医院", "important_2"),
    ("第一中学", "important_2"),
    ("污水处理厂", "important_2"),
    ("卫生院", "important_2"),
    ("实验小学", ""),
    ("镇政府", ""),
    ("敬老院", ""),
    ("邮政支局", ""),
    ("广播电视站", ""),
    ("幼儿园", ""),
];
