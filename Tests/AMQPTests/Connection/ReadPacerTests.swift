import NIOCore
import NIOEmbedded
import Testing

@testable import AMQP

@Suite("Reads that come in quick succession")
struct ReadPacerTests {
    private let loop = EmbeddedEventLoop()
    private let reads = ReadCounter()
    private let channel: EmbeddedChannel

    init() throws {
        // Sometime, not at the clock's zero.
        loop.advanceTime(by: .hours(1))
        channel = EmbeddedChannel(handlers: [], loop: loop)
        try channel.pipeline.syncOperations.addHandlers([reads, ReadPacer(interval: .milliseconds(1))])
    }

    /// What a socket does where bytes have come: it is read, and then asks whether to be read again.
    private func bytesCome(_ count: Int = 100) {
        channel.pipeline.fireChannelRead(ByteBuffer(repeating: 0, count: count))
        channel.pipeline.fireChannelReadComplete()
        channel.read()
    }

    @Test("A read that comes alone is followed by one at once")
    func alone() {
        for expected in 1...3 {
            bytesCome()
            #expect(reads.count == expected)
            loop.advanceTime(by: .milliseconds(2))
        }
    }

    @Test("One that follows another closely is followed once the interval is over")
    func succession() {
        bytesCome()
        loop.advanceTime(by: .microseconds(100))
        bytesCome()
        #expect(reads.count == 1)
        channel.read()
        loop.advanceTime(by: .microseconds(999))
        #expect(reads.count == 1)
        loop.advanceTime(by: .microseconds(1))
        #expect(reads.count == 2)
    }

    @Test("One that brings much is followed at once")
    func plenty() {
        bytesCome()
        bytesCome(65_536)
        #expect(reads.count == 2)
        bytesCome()
        #expect(reads.count == 2)
    }

    @Test("What comes is handed on as it is")
    func passes() throws {
        channel.pipeline.fireChannelRead(ByteBuffer(string: "a"))
        channel.pipeline.fireChannelRead(ByteBuffer(string: "b"))
        #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "a"))
        #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(string: "b"))
    }
}

/// Counts how often the socket would be read.
private final class ReadCounter: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}
