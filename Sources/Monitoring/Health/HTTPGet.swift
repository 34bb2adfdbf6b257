import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// GET over plain HTTP/1.1, a connection for each. It has no time-out: whoever asks has one.
struct HTTPGet: Sendable {
    /// Why there is no answer.
    enum Failure: Error, CustomStringConvertible {
        case noAnswer
        case tooLong
        case cannotConnect(String)

        var description: String {
            switch self {
            case .noAnswer: "the connection was closed without an answer"
            case .tooLong: "the answer is too long"
            case .cannotConnect(let cause): "cannot connect: \(cause)"
            }
        }
    }

    struct Answer: Sendable {
        var status: Int
        var body: String
    }

    private static let maxBytes = 8 << 20

    let base: String
    private let host: String
    private let port: Int
    private let prefix: String

    init?(base: URL) {
        guard base.scheme == "http", let host = base.host(), !host.isEmpty else { return nil }
        self.host = host.trimmingCharacters(in: ["[", "]"])
        port = base.port ?? 80
        prefix = base.path().hasSuffix("/") ? String(base.path().dropLast()) : base.path()
        self.base = "http://\(host):\(port)\(prefix)"
    }

    func get(_ path: String) async throws -> Answer {
        let connection: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            connection = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.hours(1))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw Failure.cannotConnect(Self.cause(error))
        }
        let bracketed = host.contains(":") ? "[\(host)]" : host
        let headers: HTTPHeaders = [
            "Host": "\(bracketed):\(port)", "Connection": "close", "User-Agent": "fedmsg-bridge",
        ]
        let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: prefix + path, headers: headers)
        return try await connection.executeThenClose { inbound, outbound in
            // As one: the head alone is a whole request, and who has answered that closes.
            try await outbound.write(contentsOf: [.head(request), .end(nil)])
            return try await Self.answer(from: inbound)
        }
    }

    private static func answer(from parts: NIOAsyncChannelInboundStream<HTTPClientResponsePart>) async throws -> Answer
    {
        var status: Int?
        var body = ByteBuffer()
        for try await part in parts {
            switch part {
            case .head(let head): status = Int(head.status.code)
            case .body(var bytes):
                body.writeBuffer(&bytes)
                guard body.readableBytes <= maxBytes else { throw Failure.tooLong }
            case .end:
                guard let status else { throw Failure.noAnswer }
                return Answer(status: status, body: String(buffer: body))
            }
        }
        throw Failure.noAnswer
    }

    /// NIO names the host and each of its addresses; the system's word for the first is what matters.
    private static func cause(_ error: any Error) -> String {
        guard let error = error as? NIOConnectionError else { return "\(error)" }
        if let first = error.connectionErrors.first {
            guard let error = first.error as? IOError else { return "\(first.error)" }
            let text = String(cString: strerror(error.errnoCode))
            return error.errnoCode == ECONNREFUSED ? "\(text): nothing listens there; is the bridge running?" : text
        }
        return "\(error.dnsAError ?? error.dnsAAAAError ?? error)"
    }
}
