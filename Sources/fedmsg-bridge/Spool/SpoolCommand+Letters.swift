import ArgumentParser
import Bridge
import Foundation
import NIOCore
import Spool

extension SpoolCommand {
    /// `spool list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists dead letters, oldest first.")

        @OptionGroup var source: Source
        @Option(help: "Those with this reason.") var reason: String?
        @Flag(help: "Print one JSON object a line.") var json = false

        func run() async throws {
            let spool = try source.open()
            if !json { try StandardOutput.print("id  direction  reason  time  bytes  topic  msg_id") }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            try spool.list(DeadLetterFilter(reason: reason)) { letter in
                if json {
                    let line = Array(try encoder.encode(Line(letter)))
                    let shown = StandardOutput.isTerminal ? line.escapingControlCharacters() : line
                    try StandardOutput.print(String(decoding: shown, as: UTF8.self))
                } else {
                    let columns = [
                        "\(letter.id)", letter.direction.rawValue, letter.reason, SpoolCommand.time(letter.rejectedAt),
                        "\(letter.byteCount)", Printable.text(letter.topic), Printable.text(letter.messageID ?? "-"),
                    ]
                    try StandardOutput.print(columns.joined(separator: "  "))
                }
            }
        }
    }

    /// What `spool list --json` says of a dead letter.
    private struct Line: Encodable {
        enum CodingKeys: String, CodingKey {
            case id, direction, reason, topic, bytes, time
            case messageID = "msg_id"
        }

        let id: Int64
        let direction: String
        let reason: String
        let topic: String
        let messageID: String?
        let bytes: Int
        let time: String

        init(_ letter: DeadLetterSummary) {
            id = letter.id
            direction = letter.direction.rawValue
            reason = letter.reason
            topic = letter.topic
            messageID = letter.messageID
            bytes = letter.byteCount
            time = SpoolCommand.time(letter.rejectedAt)
        }

        // Written out, as an id that is absent would be left out else.
        func encode(to encoder: any Encoder) throws {
            var line = encoder.container(keyedBy: CodingKeys.self)
            try line.encode(id, forKey: .id)
            try line.encode(direction, forKey: .direction)
            try line.encode(reason, forKey: .reason)
            try line.encode(topic, forKey: .topic)
            try line.encode(messageID, forKey: .messageID)
            try line.encode(bytes, forKey: .bytes)
            try line.encode(time, forKey: .time)
        }
    }

    /// `spool show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows a dead letter with its message.")

        @OptionGroup var source: Source
        @Argument(help: "Its id, as list shows it.") var id: Int64
        @Flag(help: "Write the message's bytes as they are, and nothing else.") var raw = false

        func run() async throws {
            guard let letter = try source.open().show(id) else {
                throw ExitStatus.noInput.explained(by: "there is no dead letter \(id)")
            }
            let message = letter.frames.last.map { Data($0.readableBytesView) } ?? Data()
            if raw {
                return try StandardOutput.write([UInt8](message))
            }
            try StandardOutput.print("id         \(letter.id)")
            try StandardOutput.print("direction  \(letter.direction.rawValue)")
            try StandardOutput.print("reason     \(letter.reason)")
            try StandardOutput.print("detail     \(Printable.text(letter.detail))")
            try StandardOutput.print("topic      \(Printable.text(letter.topic))")
            try StandardOutput.print("msg_id     \(Printable.text(letter.messageID ?? "-"))")
            try StandardOutput.print("received   \(SpoolCommand.time(letter.receivedAt))")
            try StandardOutput.print("rejected   \(SpoolCommand.time(letter.rejectedAt))")
            if letter.isDamaged {
                try StandardOutput.print("damaged    its bytes in the spool are no message: all of them follow")
            }
            try StandardOutput.print(Printable.text(String(decoding: message, as: UTF8.self)))
        }
    }
}
