import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceModel
import Testing

@testable import NodeServer

@Suite
struct ErrorTests {
    @Test(
        "What the system says when a listener cannot start",
        arguments: [
            (EADDRINUSE, ListenError.portTaken(host: "h", port: 7)),
            (EACCES, .permissionDenied(host: "h", port: 7)),
            (EPERM, .permissionDenied(host: "h", port: 7)),
            (EADDRNOTAVAIL, .addressUnavailable(host: "h")),
        ]
    )
    func listening(number: CInt, expected: ListenError) {
        let error = ListenError(IOError(errnoCode: number, reason: "bind"), host: "h", port: 7)
        #expect(error == expected)
        #expect(error.code.hasPrefix("listen."))
        #expect(error.description.contains("h"))
    }

    @Test("What a lost connection says")
    func lost() {
        let cases: [(any Error, String)] = [
            (NIOSSLError.uncleanShutdown, "link.closed"),
            (NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])), "link.closed"),
            (IOError(errnoCode: ECONNRESET, reason: "read"), "link.closed"),
            (ChannelError.ioOnClosedChannel, "link.closed"),
            (HTTPParserError.invalidEOFState, "link.closed"),
            (HTTPParserError.invalidConstant, "link.notTerrace"),
            (NIOSSLError.unableToValidateCertificate, "link.tls"),
            (LinkError.inUse, "link.inUse"),
        ]
        for (error, code) in cases {
            #expect(LinkError(lost: error).code == code, "\(error)")
        }
    }

    @Test("Why a connection was lost is said in Chinese too; only names of the system and of TLS stay")
    func lostInChinese() {
        let cases: [(LinkError, String)] = [
            (LinkError(lost: NIOSSLError.uncleanShutdown), "连接提前中断（被对方或在途中切断）：没有丢失，下次连接时继续"),
            (LinkError(lost: HTTPParserError.invalidEOFState), "连接提前中断（在报文中间断开）：没有丢失，下次连接时继续"),
            (LinkError(lost: ChannelError.ioOnClosedChannel), "连接提前中断（连接已关闭）：没有丢失，下次连接时继续"),
            (
                LinkError(lost: IOError(errnoCode: ECONNRESET, reason: "read")),
                "连接提前中断（Connection reset by peer）：没有丢失，下次连接时继续"
            ),
            (
                LinkError(dialling: ChannelError.connectTimeout(.seconds(1))),
                "无法连接对方节点（没有及时应答）：请检查线路、地址和端口"
            ),
        ]
        for (error, words) in cases { #expect(error.words[.chinese] == words) }
        for trouble in [TLSTrouble.notTLS, .noCertificate, .leftHandshake, .cut] {
            let words = trouble.words[.chinese].replacing("TLS", with: "")
            #expect(!words.contains { $0.isASCII && $0.isLetter }, "\(words)")
        }
        #expect(TLSTrouble.alert("unknown_ca").words[.chinese] == "对方拒绝：«unknown ca»")
    }

    @Test("An error answer survives any text; what is no error answer is none")
    func errorBody() {
        let refusal = Refusal(code: "trust.cut", Words("滨州 \"quoted\" \\ \u{1} /", "滨州“引”"))
        #expect(ErrorBody(bytes: ErrorBody(refusal).bytes()) == ErrorBody(refusal))
        for text in ["", "{}", "[]", "{\"code\":1,\"message\":\"a\"}", "<html>", "{\"code\":\"a\"}"] {
            #expect(ErrorBody(bytes: Array(text.utf8)) == nil)
        }
        let answered = ErrorBody(bytes: ErrorBody(refusal).bytes())?.refusal(status: 403)
        #expect(answered?.words[.chinese] == "滨州“引”" && answered?.words[.english].contains("quoted") == true)
        // An end that says nothing in Chinese is understood all the same.
        let bare = ErrorBody(bytes: Array("{\"code\":\"a.b\",\"message\":\"m\"}".utf8))?.refusal(status: 403)
        #expect(bare?.words == Words(name: "m"))
    }

    @Test("Spans become NIO's, to the longest")
    func spans() {
        #expect(TimeAmount(span: .milliseconds(1_500)) == .milliseconds(1_500))
        #expect(TimeAmount(span: .nanoseconds(1)) == .nanoseconds(1))
        #expect(TimeAmount(span: .seconds(Int64.max)) == .nanoseconds(.max))
    }
}
