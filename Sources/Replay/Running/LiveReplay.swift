import Bridge
package import Logging
import NIOCore

/// Publishes captures to the broker, each confirmed before the end.
///
/// Cancelling the task stops it between two batches: what is on its way is still waited for, within
/// `drain_timeout` and the time that a close may take.
package struct LiveReplay {
    /// What came of it.
    package struct Outcome: Sendable {
        package var counts: ReplayCounts
        package var inputFault: CaptureError.Code?
        /// Why the broker took no more, whoever's messages.
        package var fault: (any Error)?
        /// Where to go on: a line of the first of these inputs. Nil where all was read.
        package var next: (line: Int, paths: [String])?
    }

    private static let batchLimit = 500
    private static let batchByteLimit = 4 << 20

    private let source: ReplaySource
    private let publisher: ReplayPublisher
    private let pacing: ReplayPacing
    private let output: any ReplayOutput

    /// - Throws: `CaptureError` for the first input that can't be read, or `AMQPError` for the configuration.
    package init(_ options: ReplayOptions, pacing: ReplayPacing, output: any ReplayOutput, logger: Logger) throws {
        source = try ReplaySource(options, output: output)
        publisher = try ReplayPublisher(options.configuration, logger: logger)
        self.pacing = pacing
        self.output = output
    }

    /// Reads and publishes all there is.
    ///
    /// - Throws: `AMQPError` where the broker can't be reached at the beginning.
    package func run() async throws -> Outcome {
        do {
            try await publisher.connect()
        } catch {
            guard Task.isCancelled else { throw error }
            return try outcome(stoppedBefore: nil, nil)
        }
        let clock = ContinuousClock()
        let start = clock.now
        var published = 0
        var firstTimestamp: Int64?
        var waiting: ReplaySource.Item?
        var fault: (any Error)?
        while !Task.isCancelled, fault == nil {
            var batch: [ReplaySource.Item] = []
            var bytes = 0
            var due = start
            // What is there goes out before more is waited for.
            while batch.count < Self.batchLimit, bytes < Self.batchByteLimit,
                let item = try waiting ?? next(waiting: batch.isEmpty)
            {
                waiting = item
                firstTimestamp = firstTimestamp ?? item.message.timestamp
                let seconds = item.message.timestamp.flatMap { time in firstTimestamp.map { time - $0 } }
                due = start + pacing.delay(number: published + batch.count, seconds: seconds)
                guard due <= clock.now else { break }
                batch.append(item)
                bytes += item.message.byteCount
                waiting = nil
            }
            if batch.isEmpty {
                guard waiting != nil else { break }
                try? await clock.sleep(until: due)
                continue
            }
            let result = await publisher.publish(batch)
            for (item, rejection) in result.rejected { source.refuse(item, rejection) }
            if let first = result.unsettled.first {
                // Those behind it go out again with it.
                source.giveBack(result.unsettled.count - (waiting == nil ? 1 : 0))
                waiting = first
            }
            fault = result.fault
            published += batch.count
            output.progress(ReplayProgress(source))
        }
        await publisher.close()
        return try outcome(stoppedBefore: waiting, fault)
    }

    /// The next message; nil at the end, and where a stop ended the wait for more of a pipe, or it is not waited for.
    private func next(waiting: Bool = true) throws -> ReplaySource.Item? {
        do {
            return try source.next(waiting: waiting)
        } catch is CancellationError {
            return nil
        } catch is StillToCome {
            return nil
        }
    }

    private func outcome(stoppedBefore waiting: ReplaySource.Item?, _ fault: (any Error)?) throws -> Outcome {
        var outcome = Outcome(counts: source.counts, inputFault: source.inputFault, fault: fault)
        guard Task.isCancelled || fault != nil else { return outcome }
        var place = waiting.map { (line: $0.line, input: $0.input) }
        if place != nil {
            source.giveBack(1)
        } else {
            // A fault leaves one waiting: the task is cancelled, and this looks for where the next item begins.
            _ = try next()
            place = source.stopped ?? (source.isAtEnd ? nil : (source.reader.nextLine, source.reader.current))
        }
        outcome.next = place.map { ($0.line, Array(source.reader.paths[$0.input...])) }
        outcome.counts = source.counts
        outcome.inputFault = source.inputFault
        return outcome
    }
}

extension ReplayMessage {
    fileprivate var byteCount: Int {
        switch content {
        case .amqp(let fedmsg): fedmsg.bodyRange.count
        case .fedmsg(_, let body, _): body.readableBytes
        }
    }
}
