internal import CZeroMQ
internal import Glibc

/// A POSIX thread that blocks all signals, which are the main thread's business.
struct PlatformThread: Sendable {
    private let thread: pthread_t

    /// Identifies the calling thread; unique among those alive.
    static var current: UInt {
        UInt(pthread_self())
    }

    /// - Parameter name: at most 15 bytes of it are shown by the system's tools.
    @discardableResult
    static func start(
        name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(ZeroMQError) -> PlatformThread {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        var all = sigset_t()
        var inherited = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &inherited)
        defer { pthread_sigmask(SIG_SETMASK, &inherited, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                czmq_set_thread_name(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            throw ZeroMQError(code: .init(rawValue: result), operation: "pthread_create")
        }
        return PlatformThread(thread: thread)
    }

    /// Waits for its end; once, or ``detach()`` once.
    func join() {
        pthread_join(thread, nil)
    }

    /// Lets it clean up after itself.
    func detach() {
        pthread_detach(thread)
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
