internal import CZeroMQ
internal import Glibc

/// What libzmq refused: the operation, the endpoint it was about, and libzmq's errno with its text.
public struct ZeroMQError: Error, Hashable, Sendable {
    /// An errno value, libzmq's own (`EFSM`, `ETERM`, …) included.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The errno value.
        public let rawValue: Int32

        /// The code of an errno value.
        public init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        /// `EADDRINUSE`: another process is bound there; binding can succeed later.
        public static let addressInUse = Code(rawValue: EADDRINUSE)
        /// `EADDRNOTAVAIL`: the address is none of this machine's.
        public static let addressNotAvailable = Code(rawValue: EADDRNOTAVAIL)
        /// `ENODEV`: no network interface has that name.
        public static let noSuchInterface = Code(rawValue: ENODEV)
        /// `EACCES`: the port is privileged, or a socket file's folder is closed to us.
        public static let accessDenied = Code(rawValue: EACCES)
        /// `EINVAL`: an endpoint that cannot be parsed, or a value that an option does not take.
        public static let invalidArgument = Code(rawValue: EINVAL)
        /// `EPROTONOSUPPORT`: a transport that libzmq does not know.
        public static let transportNotSupported = Code(rawValue: EPROTONOSUPPORT)
        /// `ENOENT`: the socket is neither bound nor connected to that endpoint.
        public static let notFound = Code(rawValue: ENOENT)
        /// `EMFILE`: the context's limit of sockets, or the process's of files, is reached.
        public static let tooManySockets = Code(rawValue: EMFILE)
        /// `ENOTSOCK`: the socket is closed.
        public static let closed = Code(rawValue: ENOTSOCK)
        /// `ETERM`: the context is terminated.
        public static let terminated = Code(rawValue: CZeroMQ.ETERM)
    }

    /// Which error it is.
    public let code: Code
    /// The function that failed, such as `zmq_bind`, or the option that was set, such as `ZMQ_RCVHWM`.
    public let operation: String
    /// The endpoint it was about, where there is one.
    public let endpoint: String?

    /// An error with a given code.
    public init(code: Code, operation: String, endpoint: String? = nil) {
        self.code = code
        self.operation = operation
        self.endpoint = endpoint
    }

    /// The error that the calling thread's last libzmq call left behind.
    init(operation: String, endpoint: String? = nil) {
        self.init(code: Code(rawValue: zmq_errno()), operation: operation, endpoint: endpoint)
    }

    /// The system's text for the code, such as "Address already in use".
    public var text: String {
        String(cString: zmq_strerror(code.rawValue))
    }
}

extension ZeroMQError: CustomStringConvertible {
    /// Such as "zmq_bind tcp://*:9940: Address already in use".
    public var description: String {
        let subject = endpoint.map { " \($0)" } ?? ""
        return "\(operation)\(subject): \(text)"
    }
}
