#if Tracing
internal import Tracing

/// Where a message carries the context of a trace: in headers, named as the propagator of the tracer in use names them.
/// W3C's has `traceparent` and `tracestate`.
struct TraceHeaders: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into properties: inout AMQPBasicProperties) {
        var headers = properties.headers ?? AMQPHeaders([:])
        if var table = try? headers.table() {
            // A message that is passed on may have one already.
            table[key] = .longString(value)
            headers = AMQPHeaders(table)
        } else {
            // What can't be read is sent as it is; readers take the last of equal keys.
            try? headers.append(key, .longString(value))
        }
        properties.headers = headers
    }

    func extract(key: String, from properties: AMQPBasicProperties) -> String? {
        guard let table = try? properties.headers?.table(), case .longString(let value) = table[key] else { return nil }
        return value
    }
}
#endif
