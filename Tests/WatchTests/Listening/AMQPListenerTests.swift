import AMQP
import Testing

@testable import Watch

@Suite struct AMQPListenerTests {
    @Test("The broker is heard while all bindings are there and the queue is consumed from")
    func hears() {
        let error = AMQPError(.topologyFailed, "no")
        let subject = AMQPSubject.queue("q")
        let events: [(AMQPClientEvent, Bool?)] = [
            (.topologyDeclared(.consuming), nil), (.consumerStarted(queue: "q"), true),
            (.topologyDeclared(.consuming), nil), (.consumerInterrupted(queue: "q", error), false),
            (.consumerStarted(queue: "q"), true), (.lost(.consuming, error, generation: 1), false),
            (.topologyFailed(.consuming, subject, error), nil), (.consumerStarted(queue: "q"), nil),
            (.topologyDeclared(.consuming), true), (.topologyFailed(.consuming, subject, error), false),
        ]
        var ear = AMQPListener.Ear()
        for (event, hears) in events { #expect(ear.change(with: event) == hears, "\(event)") }
    }
}
