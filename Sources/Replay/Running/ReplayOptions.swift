package import Fedmsg
package import Settings

/// What a replay is to do.
package struct ReplayOptions: Sendable {
    package var paths: [String]
    package var format = CaptureFormat.auto
    package var direction = ReplayDirection.toAMQP
    package var selection = ReplaySelection()
    /// The first line of the first input that is read.
    package var startLine = 1
    /// How signatures are checked; nil where they are not.
    package var signatures: SignatureCheck?
    /// What signs envelopes for fedmsg; nil where nothing does.
    package var signer: MessageSigner?
    package var configuration: BridgeConfiguration

    package init(paths: [String], configuration: BridgeConfiguration = BridgeConfiguration()) {
        self.paths = paths
        self.configuration = configuration
    }
}
