internal import NIOCore

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

extension IOError {
    /// The system's words alone: NIO's own name one of its functions, for a connection that is refused that of another.
    var systemText: String { String(cString: strerror(errnoCode)) }
}
