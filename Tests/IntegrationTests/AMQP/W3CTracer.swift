import InMemoryTracing
import Synchronization
import Tracing

/// Keeps spans in memory, and carries their context as W3C's `traceparent`.
struct W3CTracer: Tracer {
    private let memory: InMemoryTracer

    init() {
        let next = NextID()
        memory = InMemoryTracer(
            idGenerator: InMemoryTracer.IDGenerator(
                nextTraceID: { next.hexadecimal(digits: 32) },
                nextSpanID: { next.hexadecimal(digits: 16) }
            )
        )
    }

    var finishedSpans: [FinishedInMemorySpan] { memory.finishedSpans }

    func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> InMemorySpan {
        memory.startSpan(
            operationName,
            context: context(),
            ofKind: kind,
            at: instant(),
            function: function,
            file: fileID,
            line: line
        )
    }

    func forceFlush() {}

    func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.inMemorySpanContext else { return }
        injector.inject("00-\(span.traceID)-\(span.spanID)-01", forKey: "traceparent", into: &carrier)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let parts = extractor.extract(key: "traceparent", from: carrier)?.split(separator: "-"), parts.count == 4
        else { return }
        context.inMemorySpanContext = InMemorySpanContext(
            traceID: String(parts[1]),
            spanID: String(parts[2]),
            parentSpanID: nil
        )
    }
}

private final class NextID: Sendable {
    private let latest = Mutex(0)

    func hexadecimal(digits: Int) -> String {
        let number = latest.withLock { latest in
            latest += 1
            return latest
        }
        let text = String(number, radix: 16)
        return String(repeating: "0", count: digits - text.count) + text
    }
}
