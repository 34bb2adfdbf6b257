import NIOCore
import Testing

@testable import AMQP

@Suite("ConnectionMachine: handshake")
struct HandshakeTests {
    @Test("header, start-ok, tune-ok and open, open")
    func goodCase() {
        var dialogue = Dialogue()
        #expect(dialogue.sent() == ["protocol header"])
        dialogue.start()
        #expect(dialogue.sent() == ["0: connection.start-ok"])
        dialogue.tune()
        #expect(dialogue.sent() == ["0: connection.tune-ok", "0: connection.open"])
        #expect(dialogue.broker(Method.Connection.OpenOk()) == ["opened"])
        #expect(dialogue.machine.isOpen)
        #expect(dialogue.machine.nextTick == .seconds(30))
    }

    @Test("start-ok says that a refused login is to be told with a reason")
    func capabilities() throws {
        let properties = AMQPConfiguration().startOkProperties
        guard case .table(let capabilities) = properties["capabilities"] else {
            throw AMQPError(.protocolViolation, "")
        }
        for name in ["authentication_failure_close", "consumer_cancel_notify", "connection.blocked", "basic.nack"] {
            #expect(capabilities[name] == .boolean(true))
        }
    }

    @Test("a wrong password is 403 to start-ok, a wrong virtual host 530 to open; either gets its close-ok")
    func refusals() {
        var dialogue = Dialogue()
        dialogue.start()
        _ = dialogue.sent()
        let refusal = Method.Connection.Close(replyCode: 403, replyText: "ACCESS_REFUSED", classID: 0, methodID: 0)
        #expect(dialogue.broker(refusal) == ["closed: authenticationRefused 403"])
        #expect(dialogue.sent() == ["0: connection.close-ok"])

        dialogue = Dialogue()
        dialogue.start()
        dialogue.tune()
        let absence = Method.Connection.Close(replyCode: 530, replyText: "NOT_ALLOWED", classID: 10, methodID: 40)
        #expect(dialogue.broker(absence) == ["closed: virtualHostRefused 530"])
    }

    @Test("a limit of connections is no fault of the user or the virtual host, though it is 530 to open too")
    func connectionLimit() {
        var dialogue = Dialogue()
        dialogue.start()
        dialogue.tune()
        let text = "NOT_ALLOWED - connection refused for user 'u': user connection limit (1) is reached"
        let refusal = Method.Connection.Close(replyCode: 530, replyText: text, classID: 10, methodID: 40)
        #expect(dialogue.broker(refusal) == ["closed: connectionClosedByBroker 530"])
    }

    @Test("an empty virtual host, as a URI's last slash makes it, is pointed out when it is refused")
    func emptyVirtualHost() {
        var dialogue = Dialogue(endpoint: AMQPEndpoint(virtualHost: ""))
        dialogue.start()
        dialogue.tune()
        dialogue.broker(Method.Connection.Close(replyCode: 530, replyText: "NOT_ALLOWED", classID: 10, methodID: 40))
        #expect(dialogue.machine.closedError.message.contains("'/%2F'"))
    }

    @Test("the server's own protocol header means that it speaks another version")
    func otherVersion() {
        var dialogue = Dialogue()
        #expect(
            dialogue.broker(ByteBuffer(bytes: [0x41, 0x4D, 0x51, 0x50, 0, 1, 0, 0])) == ["closed: protocolNotSupported"]
        )
        dialogue = Dialogue()
        dialogue.start(major: 0, minor: 8)
        #expect(dialogue.machine.closedError.code == .protocolNotSupported)
    }

    @Test("TLS's alert in answer to the protocol header is known for what it is")
    func tlsPort() {
        var dialogue = Dialogue()
        #expect(dialogue.broker(ByteBuffer(bytes: [21, 3, 1, 0, 2, 2, 70])) == ["closed: protocolNotSupported"])
        #expect(dialogue.machine.closedError.message.contains("amqps"))
        #expect(dialogue.sent() == ["protocol header"])
    }

    @Test("the mechanism is one that both have, or there is none")
    func mechanisms() {
        var dialogue = Dialogue()
        dialogue.start(mechanisms: "EXTERNAL AMQPLAIN")
        #expect(dialogue.machine.closedError.code == .noCommonMechanism)
        dialogue = Dialogue(endpoint: AMQPEndpoint(credentials: .external))
        dialogue.start(mechanisms: "PLAIN EXTERNAL")
        #expect(dialogue.sent() == ["protocol header", "0: connection.start-ok"])
        dialogue = Dialogue(endpoint: AMQPEndpoint(credentials: AMQPCredentials(mechanisms: [.amqplain, .plain])))
        dialogue.start(mechanisms: "PLAIN AMQPLAIN")
        #expect(dialogue.sent() == ["protocol header", "0: connection.start-ok"])
    }

    @Test("connection.secure asks for what neither mechanism has")
    func secure() {
        var dialogue = Dialogue()
        dialogue.start()
        #expect(dialogue.broker(Method.Connection.Secure(challenge: "?")) == ["closed: negotiationFailed"])
    }

    @Test("frames too small to hold a method are refused")
    func smallFrames() {
        var dialogue = Dialogue()
        dialogue.start()
        #expect(dialogue.tune(frameMax: 8) == ["closed: negotiationFailed"])
    }

    @Test("zeros in tune leave a bound on every frame")
    func zeros() {
        var dialogue = Dialogue {
            $0.frameMax = 0; $0.channelMax = 0; $0.heartbeat = .zero
        }
        dialogue.start()
        dialogue.tune(channelMax: 0, frameMax: 0, heartbeat: 0)
        #expect(dialogue.machine.decoder.frameMax == 131_072)
        #expect(dialogue.machine.output.frameMax == 131_072)
        #expect(dialogue.machine.heartbeats?.nextTick == nil)
    }

    @Test("without heartbeats the broker is told so, none is sent and silence is no fault")
    func withoutHeartbeats() {
        var dialogue = Dialogue.opened(heartbeat: 60) { $0.heartbeat = .zero }
        #expect(dialogue.machine.tune?.heartbeat == 0)
        #expect(dialogue.wait(.seconds(600)).isEmpty)
        #expect(dialogue.sent().isEmpty)
    }

    @Test("before tune a frame is 8 KiB at most")
    func boundBeforeTune() {
        var dialogue = Dialogue()
        var frame = ByteBuffer(bytes: [1, 0, 0])
        frame.writeInteger(8185 as UInt32)
        #expect(dialogue.broker(frame) == ["closed: protocolViolation"])
    }

    @Test("a long token goes out, and is pointed out where the broker hangs up over it", arguments: [9000, 8])
    func longToken(length: Int) {
        let token = String(repeating: "t", count: length)
        var dialogue = Dialogue(endpoint: AMQPEndpoint(credentials: .plain(username: "user", password: token)))
        dialogue.start()
        #expect(dialogue.sent() == ["protocol header", "0: connection.start-ok"])
        dialogue.machine.ended()
        #expect(dialogue.events() == ["closed: connectionLost"])
        #expect(dialogue.machine.closedError.message.contains("initial_frame_max") == (length == 9000))
    }

    @Test(
        "the end of the socket says at which step it came",
        arguments: [(0, "protocol header"), (1, "credentials"), (2, "virtual host '/'")]
    )
    func ends(steps: Int, words: String) {
        var dialogue = Dialogue()
        if steps > 0 { dialogue.start() }
        if steps > 1 { dialogue.tune() }
        dialogue.machine.ended()
        #expect(dialogue.events() == ["closed: connectionLost"])
        #expect(dialogue.machine.closedError.message.contains(words))
    }

    @Test("each step of the handshake has to come in time", arguments: 0...2)
    func timeOut(steps: Int) {
        var dialogue = Dialogue()
        if steps > 0 { dialogue.start() }
        if steps > 1 { dialogue.tune() }
        #expect(dialogue.machine.nextTick == .seconds(15))
        #expect(dialogue.wait(.seconds(15)) == ["closed: handshakeTimedOut"])
    }

    @Test(
        "a method out of its place ends the handshake with 503",
        arguments: [Method.connectionTune(.init(channelMax: 0, frameMax: 0, heartbeat: 0)), .connectionOpenOk(.init())]
    )
    func outOfPlace(method: Method) throws {
        var dialogue = Dialogue()
        _ = dialogue.sent()
        var bytes = ByteBuffer()
        try bytes.writeMethod(method.arguments, channel: 0, frameMax: .max)
        #expect(dialogue.broker(bytes) == ["closed: protocolViolation"])
        #expect(dialogue.sent() == ["0: connection.close 503"])
    }

    @Test("no error or text of the handshake holds the password")
    func secrecy() {
        let credentials = AMQPCredentials.plain(username: "user", password: "correct horse")
        var dialogue = Dialogue(endpoint: AMQPEndpoint(credentials: credentials))
        dialogue.start()
        #expect(!"\(dialogue.machine)".contains("correct horse"))
        dialogue.machine.ended()
        #expect(!"\(dialogue.machine.closedError)".contains("correct horse"))
    }
}
