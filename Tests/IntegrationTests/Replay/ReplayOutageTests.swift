import Foundation
import Testing

/// A replay whose broker goes away in the middle.
@Suite("Replay and outages")
struct ReplayOutageTests {
    private static let count = 3000

    @Test(
        "A connection that is cut, at a confirm or amid a publish, is made again, and nothing is lost",
        .timeLimit(.minutes(3)),
        arguments: [FaultProxy.Direction.toClient, .toBroker]
    )
    func cutConnection(direction: FaultProxy.Direction) async throws {
        try await LiveReplayScene.with { scene in
            try await FaultProxy.with(brokerPort: scene.host.broker.state.amqpPort) { proxy, port in
                proxy.set { frame in
                    guard frame.direction == direction else { return .forward }
                    return frame.isMethod(60, direction == .toClient ? 80 : 40) ? .reset : .forward
                }
                let url = scene.host.url.replacing(":\(scene.host.broker.state.amqpPort)/", with: ":\(port)/")
                let configuration = try scene.file("amqp_url = \"\(url)\"\n", as: "proxy.toml")
                let run = try await ReplayRun.of(["--config", configuration, try scene.capture(1...Self.count)])
                #expect(run.exit == .code(0))
                #expect(run.errors.last == "3000 read, 3000 translated, 0 dropped, 0 rejected")
                #expect(proxy.accepted == 2)
                let arrived = try await scene.arrived()
                #expect(Set(arrived) == Set(1...Self.count))
            }
        }
    }

    @Test(
        "A broker that is short of memory is told; it gets the rest later, and keeps no stop waiting past drain_timeout",
        .timeLimit(.minutes(5))
    )
    func blocked() async throws {
        try await RabbitMQ.withOwn { broker in
            try await withTemporaryDirectory { folder in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: LiveReplayScene.queue, boundTo: FedmsgToAMQP.exchange)
                }
                let configuration = folder.appending(path: "bridge.toml")
                let toml = "amqp_url = \"\(broker.state.amqpURL)\"\n[spool]\ndrain_timeout = 1\n"
                try Data(toml.utf8).write(to: configuration)
                let capture = folder.appending(path: "capture.jsonl")
                try Data((1...Self.count).map { LiveReplayScene.envelope($0) + "\n" }.joined().utf8).write(to: capture)
                let arguments = ["replay", "--config", configuration.path, capture.path]
                func onceBlocked(_ options: [String] = [], _ action: (ChildProcess) async throws -> Void) async throws
                    -> ReplayRun
                {
                    try await BridgeProcess.run(arguments + options) { process in
                        try await eventually("it says so", detail: { process.lastWords }) {
                            process.errors.lines.contains { $0.contains("the broker takes no messages") }
                        }
                        try await action(process)
                        return try await ReplayRun.ended(process, within: .seconds(60))
                    }
                }

                try await broker.eval("vm_memory_monitor:set_vm_memory_high_watermark(0.00001).")
                let stopped = try await onceBlocked { $0.send(SIGTERM) }
                #expect(stopped.exit == .code(0))
                let words = stopped.errors.joined(separator: "\n")
                let line = try #require(words.firstMatch(of: /stopped; to go on: --start-line (\d+)/)?.1, "\(words)")

                let run = try await onceBlocked(["--start-line", String(line)]) { _ in
                    try await broker.eval("vm_memory_monitor:set_vm_memory_high_watermark(0.6).")
                }
                #expect(run.exit == .code(0))
                #expect(run.errors.contains { $0.contains("the broker takes messages again") })
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    let arrived = try await LiveReplayScene.arrived(amqp)
                    #expect(Set(arrived) == Set(1...Self.count))
                }
            }
        }
    }

    @Test("A broker that is killed and comes back gets all of it", .timeLimit(.minutes(5)))
    func killedBroker() async throws {
        try await RabbitMQ.withOwn { broker in
            try await withTemporaryDirectory { folder in
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    try await amqp.declare(queue: LiveReplayScene.queue, boundTo: FedmsgToAMQP.exchange)
                }
                // A broker that is killed may lose a binding that it has only just made.
                try await broker.eval("mnesia:dump_log().")
                let configuration = folder.appending(path: "bridge.toml")
                try Data("amqp_url = \"\(broker.state.amqpURL)\"\n".utf8).write(to: configuration)
                let capture = folder.appending(path: "capture.jsonl")
                try Data((1...Self.count).map { LiveReplayScene.envelope($0) + "\n" }.joined().utf8).write(to: capture)
                let arguments = ["replay", "--config", configuration.path, "--rate", "300", capture.path]
                let run = try await BridgeProcess.run(arguments) { process in
                    try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                        try await eventually("a part arrives") { try await amqp.depth(LiveReplayScene.queue) > 100 }
                    }
                    try await broker.kill()
                    try await eventually("it notices", detail: { process.lastWords }) {
                        process.errors.lines.contains { $0.contains("not connected to the broker") }
                    }
                    try await broker.start()
                    return try await ReplayRun.ended(process)
                }
                #expect(run.exit == .code(0))
                try await PlainAMQP.with(url: broker.state.amqpURL) { amqp in
                    let arrived = try await LiveReplayScene.arrived(amqp)
                    #expect(Set(arrived) == Set(1...Self.count))
                }
            }
        }
    }
}
