import Foundation

/// A SUB socket that records frames as they are.
struct FrameSubscriber: NumberedReceiver {
    private struct Bound: Decodable { let endpoint: String }
    private struct Message: Decodable { let frames: [Data] }

    let endpoint: String
    private let peer: PythonPeer

    /// Connects to an endpoint, or binds one as a relay does.
    ///
    /// - Parameters:
    ///   - bind: the endpoint to bind where none is given to connect to, by default on a port of the kernel's choice.
    ///   - more: further endpoints to connect to.
    ///   - expecting: take numbered messages and report their sequence once so many are there.
    ///   - isSilent: subscribe only when ``subscribe()`` says so.
    ///   - rate: take no more than so many a second, with the queue of a stock subscriber.
    ///   - queue: the queue's length instead.
    static func with<Result>(
        connect: String? = nil,
        bind: String = "tcp://127.0.0.1:*",
        and more: [String] = [],
        expecting: Int? = nil,
        isSilent: Bool = false,
        rate: Int? = nil,
        queue: Int? = nil,
        _ body: (FrameSubscriber) async throws -> Result
    ) async throws -> Result {
        var arguments = connect.map { ["connect", $0] } ?? ["bind", bind]
        if !more.isEmpty { arguments += ["--and"] + more }
        if let expecting { arguments += ["--expect", String(expecting)] }
        if isSilent { arguments.append("--silent") }
        if let rate { arguments += ["--rate", String(rate)] }
        if let queue { arguments += ["--queue", String(queue)] }
        return try await PythonPeer.with("zmq_subscriber", arguments) { peer in
            let endpoint = try await peer.next("bound", as: Bound.self).endpoint
            return try await body(FrameSubscriber(endpoint: endpoint, peer: peer))
        }
    }

    /// Waits until the handshake with a peer is done.
    func connected() async throws {
        try await peer.next("connected")
    }

    /// Subscribes to what begins so.
    func subscribe(to topic: String = "") throws {
        try peer.send(["do": "subscribe", "topic": topic])
    }

    /// Opens the socket anew, within milliseconds.
    func restart() async throws {
        try peer.send(["do": "restart"])
        try await peer.next("restarted")
    }

    /// The frames of the next message.
    func next(within limit: Duration = .seconds(60)) async throws -> [Data] {
        try await peer.next("message", as: Message.self, within: limit).frames
    }

    /// The frames of the next message of another topic than `probe`.
    func next(past probe: String) async throws -> [Data] {
        while true {
            let frames = try await next()
            if frames.first != Data(probe.utf8) { return frames }
        }
    }

    /// The frames of every message that is here and was not taken yet.
    func taken() throws -> [[Data]] {
        try peer.taken("message", as: Message.self).map(\.frames)
    }

    /// How many messages came that are not numbered, where numbered ones are expected.
    func probes() async throws -> Int { try await numbers().others }

    func numbers() async throws -> NumberedSequence {
        try peer.send(["do": "status"])
        return try await peer.next("sequence", as: NumberedSequence.self)
    }

    /// The verdict on the numbered messages, once all are there.
    func sequence(within limit: Duration) async throws -> NumberedSequence {
        do {
            return try await peer.next("sequence", as: NumberedSequence.self, within: limit)
        } catch {
            // Not all came in time: what did come says more than that.
            return try await numbers()
        }
    }
}
