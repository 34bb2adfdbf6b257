import ArgumentParser
import Settings

/// What commands that listen to fedmsgs beside the bridge have in common.
struct ListeningOptions: ParsableArguments {
    @Option(
        name: .customLong("listen"),
        help: ArgumentHelp("Listen to fedmsgs there besides; may be repeated.", valueName: "endpoint")
    )
    var endpoints: [String] = []

    func validate() throws {
        for endpoint in endpoints {
            guard let fault = ZeroMQEndpoint.fault(in: endpoint) else { continue }
            throw ValidationError("--listen \(endpoint): \(fault)")
        }
    }
}
