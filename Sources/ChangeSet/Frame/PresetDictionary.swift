import Foundation

/// The bytes that every deflate stream of version 1 may refer back to before it has said anything: what change sets of
/// this trade look like. Named by id *and* content hash, since a wrong one of the same length inflates without error
/// to wrong data.
package enum PresetDictionary {
    package static let id = 1

    /// The most likely text last, where distances are shortest.
    package static let bytes: [UInt8] = Array(
        ([
            "居民身份证户口簿营业执照申请表授权委托书不动产权证书结婚证出生医学证明复印件原件电子证照",
            "民政局公安局市场监督管理局人力资源和社会保障局医疗保障局自然资源和规划局农业农村局卫生健康委员会税务局残疾人联合会",
            "最低生活保障审核确认特困人员认定临时救助高龄津贴残疾人两项补贴城乡居民基本养老保险参保登记基本医疗保险生育登记",
            "公司设立登记个体工商户注册食品经营许可公章刻制备案税务登记社会保险登记",
            "材料齐全符合法定形式予以受理准予许可不予许可补正告知已送达领取结果申请人撤回",
            "material.evaluation非常满意基本满意不满意note.handling.result.grantedrefused",
            "\u{0a}\u{10}\u{0a}\u{07}address\u{12}\u{05}\u{0a}\u{0d}applicant.sex\u{0a}\u{10}agent.name\u{12}agent.id",
            "\u{0a}\u{1f}applicant.kind\u{12}person\u{0a}\u{1d}applicant.idnumber\u{12}\u{12}3716",
            "\u{0a}\u{1b}applicant.name\u{12}\u{09}\u{0a}\u{1d}applicant.phone\u{12}\u{0b}13",
        ] as [String]).joined().utf8)

    /// First 16 hexadecimal digits of the content's SHA-256.
    package static let hash = String(Digest32(hashing: Data(bytes)).description.prefix(16))

    /// As it is named in an exchange's head.
    package static let name = "\(id)-\(hash)"
}
