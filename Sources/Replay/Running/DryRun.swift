import AMQP
import Bridge
import Fedmsg
import NIOCore

/// Translates captures and writes what becomes of them: no network, no spool, no clock.
package struct DryRun {
    private let source: ReplaySource
    private let output: any ReplayOutput
    private let signer: MessageSigner?

    /// - Throws: `CaptureError` for the first input that can't be read; nothing has been written then.
    package init(_ options: ReplayOptions, output: any ReplayOutput) throws(CaptureError) {
        source = try ReplaySource(options, output: output)
        self.output = output
        signer = options.signer
    }

    /// Reads all there is.
    ///
    /// - Returns: what became of it, and what was wrong with an input, if anything was.
    /// - Throws: `ClosedPipe`, or what `output` throws.
    package func run() throws -> (counts: ReplayCounts, inputFault: CaptureError.Code?) {
        var counter: Int64 = 0
        var workspace = SignatureWorkspace()
        let pending = PendingOutput(output)
        source.reader.beforeReading = { [output, source] in
            try pending.flush()
            output.progress(ReplayProgress(source))
        }
        while let item = try source.next() {
            switch item.message.content {
            case .amqp(let fedmsg): SerializedMessage.write(fedmsg, to: &pending.lines)
            case .fedmsg(var envelope, let body, let needsCounter):
                if needsCounter { envelope.i = counter + 1 }
                envelope.putOnOneLine()
                var oneLine: [UInt8] = []
                oneLine.appendOnOneLine(body.readableBytesSpan)
                if let signer {
                    do throws(SigningError) {
                        envelope.credentials = try signer.sign(envelope, body: oneLine.span.bytes, using: &workspace)
                    } catch .badEnvelope(let error) {
                        source.refuse(item, Rejection(error))
                        continue
                    } catch {
                        try pending.flush()
                        throw error
                    }
                }
                if needsCounter { counter += 1 }
                envelope.write(body: oneLine.span.bytes, to: &pending.lines)
                pending.lines.append(UInt8(ascii: "\n"))
            }
            try pending.flushIfLarge()
        }
        try pending.flush()
        return (source.counts, source.inputFault)
    }
}

extension OutgoingEnvelope {
    /// Takes line breaks out of the JSON that goes in as it is, beside the body.
    fileprivate mutating func putOnOneLine() {
        headers = headers.map(\.onOneLine)
        if case .json(let text) = timestamp { timestamp = .json(text.onOneLine) }
    }
}

extension String {
    /// JSON, on one line.
    fileprivate var onOneLine: String {
        var line: [UInt8] = []
        line.appendOnOneLine(utf8Span.span.bytes)
        return String(decoding: line, as: UTF8.self)
    }
}

/// Results that are written in large pieces, but before anything is waited for.
private final class PendingOutput {
    private static let limit = 1 << 16

    private let output: any ReplayOutput
    var lines: [UInt8] = []

    init(_ output: any ReplayOutput) { self.output = output }

    func flushIfLarge() throws {
        if lines.count >= Self.limit { try flush() }
    }

    func flush() throws {
        guard !lines.isEmpty else { return }
        try output.write(lines)
        lines.removeAll(keepingCapacity: lines.capacity <= 2 * Self.limit)
    }
}
