import Simulator

/// Place names put together from syllables: plausible, and like a real place only by chance.
struct PlaceNames {
    private static let first = Array("云清平安永宁东河泽棠柳兰槐桐松鹿鹤雁麦石玉金青白长广和福庆丰")
    private static let second = Array("川阳泉原湖陵源江城岭溪浦津台坪渡岗塘洲湾桥峪")
    private static let surnames = Array("王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾田董袁潘蒋蔡余杜")
    private static let hamlets = Array("家庄屯楼店桥堂寨铺坊洼集塔井窑营")
    private static let sides = ["", "大", "小", "前", "后", "东", "西", "南", "北", "中"]
    private static let bureaus = [
        "公安", "税务", "社保", "医保", "不动产", "公积金", "交警", "婚姻登记", "人才", "水务", "供电", "燃气",
    ]
    private static let ordinals = ["", "第二", "第三", "第四", "第五", "第六", "第七", "第八"]

    /// Most branch centres that can be told apart.
    static let mostBranches = bureaus.count * ordinals.count

    private var taken: Set<Int> = []

    /// A branch centre by its place in the list, from 0 to below `mostBranches`.
    static func branch(_ index: Int) -> String {
        bureaus[index % bureaus.count] + ordinals[index / bureaus.count] + "分中心"
    }

    /// The name of a county, town or community, without what kind of place it is. No name comes twice, as long as there
    /// are any left.
    mutating func place(_ random: inout SeededGenerator) -> String {
        let index = free(of: Self.first.count * Self.second.count, &random)
        return String([Self.first[index / Self.second.count], Self.second[index % Self.second.count]])
    }

    /// The name of a village, without "村". No name comes twice, as long as there are any left.
    mutating func village(_ random: inout SeededGenerator) -> String {
        let families = Self.surnames.count * Self.hamlets.count
        let index = free(of: families * Self.sides.count, &random)
        let family = index % families
        return Self.sides[index / families]
            + String([Self.surnames[family / Self.hamlets.count], Self.hamlets[family % Self.hamlets.count]])
    }

    private mutating func free(of count: Int, _ random: inout SeededGenerator) -> Int {
        var index = random.below(count)
        if taken.count >= count { return index }
        while !taken.insert(index).inserted { index = (index + 1) % count }
        return index
    }
}
