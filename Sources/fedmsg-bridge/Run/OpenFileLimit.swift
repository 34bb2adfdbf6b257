import Foundation

/// How many files and sockets the process may have open.
enum OpenFileLimit {
    /// Raises the limit to what is allowed: the usual 1024 is for programs that use select(2), as this one does not.
    ///
    /// - Returns: The limit in force.
    static func raise() -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            let usual = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            if setrlimit(resource, &limit) != 0 { limit.rlim_cur = usual }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
