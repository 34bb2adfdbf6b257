// Any bytes as a capture, in the format and direction that the first one names: it is read to its end, each message is
// translated or named, and what is written is a line of JSON for each one translated.

import Fedmsg
import Foundation

@testable import Replay

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 0 else { return 0 }
    InputFile.only.hold(UnsafeRawBufferPointer(start: start + 1, count: count - 1))
    let formats = CaptureFormat.allCases
    var options = ReplayOptions(paths: [InputFile.only.path])
    options.format = formats[Int(start[0] >> 1) % formats.count]
    options.direction = start[0] & 1 == 0 ? .toAMQP : .toFedmsg
    let output = Lines()
    guard let replay = try? DryRun(options, output: output) else { preconditionFailure("can't open the input") }
    guard let (counts, _) = try? replay.run() else { preconditionFailure("a dry run ends early") }
    precondition(counts.read == counts.translated + counts.rejected)
    precondition(output.reports >= counts.rejected)
    precondition(output.count == counts.translated)
    return 0
}

private final class Lines: ReplayOutput {
    private(set) var count = 0
    private(set) var reports = 0

    func write(_ lines: [UInt8]) throws {
        precondition(lines.last == UInt8(ascii: "\n"))
        for line in lines.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            precondition(JSONValue.isJSON(Array(line).span.bytes))
            count += 1
        }
    }

    func report(_ line: String) { reports += 1 }
    func progress(_ progress: ReplayProgress) {}
}

/// A file without a name that holds one input after the other.
private final class InputFile: Sendable {
    static let only = InputFile()

    private let descriptor: Int32

    var path: String { "/proc/self/fd/\(descriptor)" }

    private init() {
        guard let file = tmpfile() else { preconditionFailure("no temporary file") }
        descriptor = fileno(file)
    }

    func hold(_ bytes: UnsafeRawBufferPointer) {
        precondition(ftruncate(descriptor, 0) == 0)
        precondition(unsafe pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count)
    }
}
