import Bridge
import Fedmsg

/// The messages of a replay, translated and chosen; what can't be is reported and counted.
final class ReplaySource {
    struct Item {
        var message: ReplayMessage
        /// The place of the input that it came from among all.
        var input: Int
        var line: Int
    }

    let reader: CaptureReader
    private(set) var counts = ReplayCounts()
    /// The worst of what was wrong with the inputs.
    private(set) var inputFault: CaptureError.Code?
    /// Where a cancelled task stopped reading: the first item that was not looked at.
    private(set) var stopped: (line: Int, input: Int)?

    private let translator: ReplayTranslator
    private let signatures: SignatureCheck?
    private var workspace = SignatureWorkspace()
    private let selection: ReplaySelection
    private let output: any ReplayOutput

    init(_ options: ReplayOptions, output: any ReplayOutput) throws(CaptureError) {
        reader = try CaptureReader(paths: options.paths, format: options.format, startLine: options.startLine)
        translator = ReplayTranslator(direction: options.direction, configuration: options.configuration)
        signatures = options.signatures
        selection = options.selection
        self.output = output
    }

    /// Whether nothing is left to read, or nothing more is asked for.
    var isAtEnd: Bool { reader.isAtEnd || counts.translated >= selection.limit ?? .max }

    /// The next message to replay, and where it came from; nil at the end, and where the task is cancelled.
    ///
    /// - Parameter waiting: whether what is still to come through a pipe is waited for.
    /// - Throws: `StillToCome` instead of a wait.
    func next(waiting: Bool = true) throws -> Item? {
        while stopped == nil, counts.translated < selection.limit ?? .max {
            do {
                guard let item = try reader.next(waiting: waiting) else { return nil }
                // Here, as all that follows may be left out or rejected.
                if Task.isCancelled {
                    stopped = (item.line, reader.current)
                    return nil
                }
                counts.read += 1
                switch item {
                case .unreadable(let unreadable): reject(RejectedLine(unreadable), input: reader.current)
                case .message(let captured):
                    guard let message = choose(captured) else { continue }
                    counts.translated += 1
                    return Item(message: message, input: reader.current, line: captured.line)
                }
            } catch let error as CaptureError {
                output.report("\(error)")
                if inputFault != .unreadable { inputFault = error.code }
            }
        }
        return nil
    }

    /// The translation of a message that is asked for; nil where it is not, or can't be replayed.
    private func choose(_ captured: CapturedMessage) -> ReplayMessage? {
        do throws(Rejection) {
            let message = try translator.translate(captured)
            if selection.includes(message) {
                try signatures?.check(captured, using: &workspace)
                return message
            }
        } catch {
            guard translator.isOutside(selection, captured) else {
                reject(RejectedLine(captured, error), input: reader.current)
                return nil
            }
        }
        counts.dropped += 1
        return nil
    }

    /// Messages that ``next()`` gave are not replayed now.
    func giveBack(_ count: Int) {
        counts.read -= count
        counts.translated -= count
    }

    /// A message that ``next()`` gave was not taken.
    func refuse(_ item: Item, _ rejection: Rejection) {
        counts.translated -= 1
        reject(RejectedLine(item, rejection), input: item.input)
    }

    private func reject(_ line: RejectedLine, input: Int) {
        counts.rejected += 1
        var line = line
        if reader.paths.count > 1 { line.path = reader.paths[input] }
        output.report(line.json)
    }
}
