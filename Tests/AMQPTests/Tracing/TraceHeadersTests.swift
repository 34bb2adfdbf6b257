import NIOCore
import Testing

@testable import AMQP

@Suite("TraceHeaders")
struct TraceHeadersTests {
    private let headers = TraceHeaders()
    private let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("puts a context into headers, beside others, and finds it there again")
    func roundTrip() throws {
        var properties = AMQPBasicProperties(headers: ["other": "kept"])
        headers.inject(parent, forKey: "traceparent", into: &properties)
        #expect(try properties.headers?.table() == ["other": "kept", "traceparent": .longString(parent)])
        #expect(headers.extract(key: "traceparent", from: properties) == parent)
        #expect(headers.extract(key: "tracestate", from: properties) == nil)
    }

    @Test("makes headers where there were none, and replaces the context of a message that is passed on")
    func replaces() throws {
        var properties = AMQPBasicProperties()
        headers.inject("old", forKey: "traceparent", into: &properties)
        headers.inject(parent, forKey: "traceparent", into: &properties)
        #expect(try properties.headers?.table() == ["traceparent": .longString(parent)])
    }

    @Test("leaves headers that can't be read as they are, and finds nothing in them or in other types")
    func unreadable() throws {
        let garbage = ByteBuffer(bytes: [3, 65, 66, 67, 0xff])
        var properties = AMQPBasicProperties(headers: AMQPHeaders(encoded: garbage))
        #expect(headers.extract(key: "traceparent", from: properties) == nil)
        headers.inject(parent, forKey: "traceparent", into: &properties)
        #expect(try properties.headers?.encoded().readableBytesView.starts(with: garbage.readableBytesView) == true)
        properties.headers = ["traceparent": .int64(1)]
        #expect(headers.extract(key: "traceparent", from: properties) == nil)
    }
}
