import Foundation

/// A broker's virtual host with a queue that gets all that is published, and captures to replay there.
struct LiveReplayScene {
    static let queue = "arrived"

    let host: VirtualHost
    let amqp: PlainAMQP
    /// Of the bridge, for the virtual host.
    let configuration: String
    private let folder: URL

    static func with<Result>(_ body: (LiveReplayScene) async throws -> Result) async throws -> Result {
        try await VirtualHost.with { host in
            try await PlainAMQP.with(url: host.url) { amqp in
                try await amqp.declare(queue: queue, boundTo: FedmsgToAMQP.exchange)
                return try await withTemporaryDirectory { folder in
                    let configuration = try write("amqp_url = \"\(host.url)\"\n", as: "bridge.toml", in: folder)
                    return try await body(
                        LiveReplayScene(host: host, amqp: amqp, configuration: configuration, folder: folder)
                    )
                }
            }
        }
    }

    /// A file of small messages: number n has the id `2019-n`, the topic `t.n` and is of n hours after 1970.
    func capture(_ numbers: ClosedRange<Int>, as name: String = "capture.jsonl") throws -> String {
        try Self.write(numbers.map { Self.envelope($0) + "\n" }.joined(), as: name, in: folder)
    }

    /// The path of a file with this text.
    func file(_ text: String, as name: String) throws -> String { try Self.write(text, as: name, in: folder) }

    /// Declares a second queue that gets every message too, and nacks what it has no room for.
    func declareQueue(_ name: String, withRoomFor count: Int) async throws {
        try await amqp.declare(
            queue: name,
            boundTo: FedmsgToAMQP.exchange,
            .init(maxLength: count, overflow: "reject-publish")
        )
    }

    static func envelope(_ number: Int) -> String {
        #"{"msg": {"n": \#(number)}, "msg_id": "2019-\#(number)", "timestamp": \#(number * 3600), "topic": "t.\#(number)"}"#
    }

    /// The numbers of the messages in the queue, in order.
    func arrived() async throws -> [Int] { try await Self.arrived(amqp) }

    static func arrived(_ amqp: PlainAMQP) async throws -> [Int] {
        let count = try await amqp.depth(queue)
        try await amqp.consume(queue)
        var numbers: [Int] = []
        for _ in 0..<count {
            numbers.append(Int(try await amqp.next().property("message_id")?.dropFirst(5) ?? "") ?? -1)
        }
        return numbers
    }

    /// Waits until so many messages are in the queue.
    func until(arrived count: Int) async throws {
        try await eventually("\(count) messages arrive") { try await amqp.depth(Self.queue) >= count }
    }

    private static func write(_ text: String, as name: String, in folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        return file.path
    }
}
