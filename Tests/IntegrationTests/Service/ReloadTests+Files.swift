import Foundation
import Testing

extension ReloadTests {
    @Test("A file that can't be used is its own trouble where the configuration is the one in force")
    func brokenFile() async throws {
        try await FedmsgPeer.with { peer in
            try await withTemporaryDirectory { folder in
                let list = folder.appending(path: "crl.pem")
                let whole = try Data(contentsOf: peer.pki.appending(path: "crl.pem"))
                try whole.write(to: list)
                let trust: @Sendable (inout BridgeSettings) -> Void = { settings in
                    settings.validate(trusting: peer)
                    settings["crypto", "crl_location"] = "\"\(list.path)\""
                }
                try await FedmsgToAMQP.with(trust) { scene in
                    try Data("junk".utf8).write(to: list)
                    try await scene.bridge.reload(trust)
                    let text = try await scene.bridge.readiness()?.warnings.first { $0.code == "config_not_reloaded" }?
                        .text
                    #expect(text?.hasPrefix("the new CA or CRL can't be used") == true, "\(text ?? "no warning")")
                    try whole.write(to: list)
                    try await scene.bridge.reload(trust)
                    try await scene.bridge.untilReady()
                    let codes = try await scene.bridge.readiness()?.warnings.map(\.code)
                    #expect(codes?.contains("config_not_reloaded") == false)
                }
            }
        }
    }
}
