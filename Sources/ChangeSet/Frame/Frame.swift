import Foundation
import SwiftProtobuf

/// One message of an exchange. A batch is applied in one transaction.
package enum Frame: Equatable, Sendable {
    case hello(WireHello)
    case batch(WireBatch)
    case heartbeat(WireHeartbeat)
    case ack(WireAck)
    /// The sender will say nothing more in this exchange.
    case end
    case refusal(WireRefusal)
    case comparison(WireComparison)

    private enum Kind: UInt8 {
        case hello = 1
        case batch = 2
        case heartbeat = 3
        case ack = 4
        case end = 5
        case refusal = 6
        case comparison = 7
    }

    /// Kind, length as a varint, message.
    package var bytes: Data {
        get throws {
            let (kind, message): (Kind, Data) =
                switch self {
                case .hello(let m): (.hello, try m.serializedBytes())
                case .batch(let m): (.batch, try m.serializedBytes())
                case .heartbeat(let m): (.heartbeat, try m.serializedBytes())
                case .ack(let m): (.ack, try m.serializedBytes())
                case .end: (.end, Data())
                case .refusal(let m): (.refusal, try m.serializedBytes())
                case .comparison(let m): (.comparison, try m.serializedBytes())
                }
            var out = Data([kind.rawValue])
            var length = message.count
            while length >= 0x80 {
                out.append(UInt8(length & 0x7f | 0x80))
                length >>= 7
            }
            out.append(UInt8(length))
            out.append(message)
            return out
        }
    }

    fileprivate init(kind: UInt8, message: Data) throws {
        do {
            switch Kind(rawValue: kind) {
            case .hello: self = .hello(try WireHello(serializedBytes: message))
            case .batch: self = .batch(try WireBatch(serializedBytes: message))
            case .heartbeat: self = .heartbeat(try WireHeartbeat(serializedBytes: message))
            case .ack: self = .ack(try WireAck(serializedBytes: message))
            case .end: self = .end
            case .refusal: self = .refusal(try WireRefusal(serializedBytes: message))
            case .comparison: self = .comparison(try WireComparison(serializedBytes: message))
            case nil: throw WireError.malformed("frame kind \(kind)")
            }
        } catch is SwiftProtobufError, is BinaryDecodingError {
            throw WireError.malformed("frame")
        }
    }
}

/// Cuts inflated bytes into frames, however they were chunked on the way.
package struct FrameReader {
    private var buffer = Data()

    package init() {}

    /// True when the stream may end here.
    package var isBetweenFrames: Bool { buffer.isEmpty }

    /// - Throws: `WireError.tooLarge` as soon as a length says so; `WireError.malformed`.
    package mutating func read(_ bytes: Data) throws -> [Frame] {
        buffer.append(bytes)
        var out: [Frame] = []
        var start = buffer.startIndex
        while let (header, length) = try header(at: start) {
            let end = start + header + length
            guard buffer.endIndex >= end else { break }
            out.append(try Frame(kind: buffer[start], message: buffer.subdata(in: start + header..<end)))
            start = end
        }
        // Once, however many frames there were: a hostile peer can make them very small.
        buffer = buffer.subdata(in: start..<buffer.endIndex)
        return out
    }

    private func header(at start: Int) throws -> (header: Int, length: Int)? {
        var length = 0
        let rest = buffer[start...]
        for (index, byte) in rest.dropFirst().prefix(4).enumerated() {
            length |= Int(byte & 0x7f) << (7 * index)
            if byte & 0x80 == 0 {
                guard length <= Limits.frameBytes else { throw WireError.tooLarge("frame") }
                return (index + 2, length)
            }
        }
        if rest.count >= 5 { throw WireError.tooLarge("frame") }
        return nil
    }
}
