import Foundation
import HTTPTypes
import Hummingbird

/// How the API writes JSON.
enum APIJSON {
    /// With keys in order, so that equal answers are equal bytes.
    static func buffer(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return ByteBuffer(bytes: try encoder.encode(value))
    }

    static func response(_ status: HTTPResponse.Status, _ json: ByteBuffer, location: String? = nil) -> Response {
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        headers[.location] = location
        return Response(status: status, headers: headers, body: .init(byteBuffer: json))
    }
}
