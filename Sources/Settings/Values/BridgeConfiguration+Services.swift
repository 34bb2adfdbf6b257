extension BridgeConfiguration {
    /// `[crypto]`: signatures of fedmsg envelopes, under fedmsg's names.
    public struct Crypto: Sendable, Equatable {
        /// `validate_signatures`: whether fedmsgs without a valid signature are refused. Default true.
        public var validateSignatures = true
        /// `sign_messages`: whether messages to fedmsg are signed. Default true.
        public var signMessages = true
        /// `ssldir`: folder of the certificate and key to sign with. Default `/etc/pki/fedmsg`.
        public var ssldir = "/etc/pki/fedmsg"
        /// `crypto_backend`: how messages are signed; only `x509`.
        public var cryptoBackend = CryptoBackend.x509
        /// `crypto_validate_backends`: kinds of signature that are taken; only `x509`.
        public var cryptoValidateBackends = [CryptoBackend.x509]
        /// `certname`: the name of `CERTNAME.crt` and `CERTNAME.key` in `ssldir`. No default.
        public var certname = ""
        /// `ca_cert_location`: PEM file of the CA that certificates are checked by. Default `/etc/pki/fedmsg/ca.crt`.
        public var caCertLocation = "/etc/pki/fedmsg/ca.crt"
        /// `crl_location`: PEM file of revoked certificates. Default empty: none.
        public var crlLocation = ""
        /// `routing_nitpicky`: whether topics without a rule in the routing policy are refused. Default false.
        public var routingNitpicky = false
        /// `[crypto.routing_policy]`: the certificate names that may sign, for each topic. Default none.
        public var routingPolicy: [String: [String]] = [:]

        /// The defaults.
        public init() {}
    }

    /// fedmsg's names for kinds of signature.
    public enum CryptoBackend: String, Sendable, CaseIterable {
        /// X.509 certificates, PKCS#1 v1.5 with SHA-1.
        case x509
    }

    /// `[spool]`: the journal of messages that wait, and the dead letters.
    public struct Spool: Sendable, Equatable {
        /// `path`: the SQLite file. Default `$STATE_DIRECTORY/spool.sqlite`, else `/var/lib/fedmsg-bridge/spool.sqlite`.
        public var path = "/var/lib/fedmsg-bridge/spool.sqlite"
        /// `max_bytes`: bytes of its files on disk, write-ahead log included. Default 10 GiB.
        public var maxBytes = 10_737_418_240
        /// `min_free_bytes`: bytes free on its file system, less of which counts as full. Default 64 MiB.
        public var minFreeBytes = 67_108_864
        /// `max_memory`: bytes of messages between libzmq and the journal. What one turn of the receive loop takes may go
        /// beyond it, none begins there. Default 256 MiB.
        public var maxMemory = 268_435_456
        /// `synchronous`: what a commit waits for. Default ``Synchronous/full``.
        public var synchronous = Synchronous.full
        /// `duplicate_window`: how long after a message an equal one counts as its duplicate. Default 600 s.
        public var duplicateWindow = Duration.seconds(600)
        /// `dead_letter_max`: dead letters that are kept, the newest. Default 100000.
        public var deadLetterMax = 100_000
        /// `drain_timeout`: how long a stop may take to empty it. Default 10 s.
        public var drainTimeout = Duration.seconds(10)

        /// The defaults.
        public init() {}

        /// SQLite's words for what a commit waits for.
        public enum Synchronous: String, Sendable, CaseIterable {
            /// Survives a power cut.
            case full
            /// Survives a kill but not a power cut.
            case normal
        }
    }

    /// `[monitoring]`: the HTTP endpoint.
    public struct Monitoring: Sendable, Equatable {
        /// `address`: the address it listens on; empty for all, as in fedora-messaging. Default `127.0.0.1`.
        public var address = "127.0.0.1"
        /// `port`: its TCP port; 0 lets the system choose. Default 9949.
        public var port: UInt16 = 9949
        /// `page`: what the status page shows. Default ``Page/auto``.
        public var page = Page.auto

        /// The defaults.
        public init() {}

        /// What the status page shows.
        public enum Page: String, Sendable, CaseIterable {
            /// Everything on a loopback address, else states and numbers.
            case auto
            /// Everything: dead letters, endpoints and configuration too.
            case full
            /// States and numbers only.
            case states
        }
    }

    /// `[log]`: standard error.
    public struct Log: Sendable, Equatable {
        /// `level`: the least severe level that is logged. Default ``Level/info``.
        public var level = Level.info
        /// `format`: for people or for programs. Default ``Format/text``.
        public var format = Format.text

        /// The defaults.
        public init() {}

        /// Levels, the least severe first, as swift-log names them.
        public enum Level: String, Sendable, CaseIterable {
            /// Each step.
            case trace
            /// What helps to find a fault.
            case debug
            /// Changes of state.
            case info
            /// What is unusual but no fault.
            case notice
            /// What may need somebody.
            case warning
            /// What failed.
            case error
            /// What stops the bridge.
            case critical
        }

        /// Forms of a log line.
        public enum Format: String, Sendable, CaseIterable {
            /// A line for people.
            case text
            /// A JSON object a line.
            case json
        }
    }
}
