import Foundation

/// A publisher on a fedmsg bus: an XPUB socket, which sends the frames that it is given and sees who subscribes.
struct FedmsgPublisher {
    private struct Bound: Decodable { let endpoint: String }
    private struct Count: Decodable { let count: Int }
    private struct Command: Encodable {
        let `do`: String
        var frames: [Data]?
        var path: String?
        var foreign: Bool?
        var count: Int?
        var first: Int?
        var rate: Int?
    }

    private let peer: PythonPeer
    let endpoint: String

    /// Binds an endpoint (a port of the kernel's choice unless it is given) or connects to one, as to a relay.
    static func with<Result>(
        bind: String = "tcp://127.0.0.1:*",
        connect: String? = nil,
        _ body: (FedmsgPublisher) async throws -> Result
    ) async throws -> Result {
        let how = connect.map { ["connect", $0] } ?? ["bind", bind]
        return try await PythonPeer.with("zmq_publisher", how) { peer in
            let endpoint = try await peer.next("bound", as: Bound.self).endpoint
            return try await body(FedmsgPublisher(peer: peer, endpoint: endpoint))
        }
    }

    /// Waits until somebody has subscribed: what is published before that is lost.
    func subscribed() async throws {
        try await peer.next("subscribed")
    }

    /// Waits until a subscriber has gone.
    func unsubscribed() async throws {
        try await peer.next("unsubscribed")
    }

    /// Opens the socket anew, within milliseconds.
    func restart() async throws {
        try peer.send(Command(do: "restart"))
        try await peer.next("restarted")
    }

    /// Sends these frames, whatever they are.
    func publish(_ frames: [Data]) async throws {
        try peer.send(Command(do: "publish", frames: frames))
        try await peer.next("published")
    }

    /// Sends a topic and an envelope.
    func publish(topic: String, _ envelope: String) async throws {
        try await publish([Data(topic.utf8), Data(envelope.utf8)])
    }

    /// Sends every envelope of a file, under its own topic, and says how many there were.
    ///
    /// - Parameter foreign: put another name where an envelope says that a bridge made it.
    @discardableResult
    func publish(file: URL, foreign: Bool = false) async throws -> Int {
        try peer.send(Command(do: "publish_file", path: file.path, foreign: foreign))
        return try await peer.next("published", as: Count.self).count
    }

    /// Sends small messages that say their number, from `first` on, as fast as the socket takes them.
    func publishNumbered(_ count: Int, from first: Int = 0) async throws {
        try peer.send(Command(do: "publish_numbered", count: count, first: first))
        try await peer.next("published", within: .seconds(120))
    }

    /// Sends numbered messages, so many a second, from `first` on, for as long as `body` works.
    ///
    /// - Returns: how many there were.
    @discardableResult
    func publishNumbered(perSecond rate: Int, from first: Int = 0, while body: () async throws -> Void) async throws
        -> Int
    {
        try await pace(Command(do: "pace", first: first, rate: rate), body)
    }

    /// Sends the envelopes of a file, each under its own topic, so many a second, for as long as `body` works and there are
    /// more.
    ///
    /// - Returns: how many it sent.
    func publish(file: URL, perSecond rate: Int, while body: () async throws -> Void) async throws -> Int {
        try await pace(Command(do: "pace", path: file.path, rate: rate), body)
    }

    private func pace(_ command: Command, _ body: () async throws -> Void) async throws -> Int {
        try peer.send(command)
        try await peer.next("pacing")
        try await body()
        try peer.send(Command(do: "rest"))
        return try await peer.next("published", as: Count.self).count
    }
}
