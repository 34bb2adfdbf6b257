public import CoreMetrics
import Foundation
import Synchronization

/// What the kernel says of this process, under the names that every Prometheus client has for it.
public struct ProcessMetrics: Sendable {
    private let cpuSeconds: FloatingPointCounter
    private let countedCPUSeconds = SharedTotal()
    private let openFiles: Meter
    private let maxFiles: Meter
    private let residentMemory: Meter
    private let virtualMemory: Meter

    /// The series, and `fedmsg_bridge_build_info` beside them.
    ///
    /// - Parameter revision: the commit, empty where it is not known.
    public init(version: String, revision: String, factory: any MetricsFactory) {
        func meter(_ name: String, _ dimensions: [(String, String)] = []) -> Meter {
            Meter(label: name, dimensions: dimensions, factory: factory)
        }
        cpuSeconds = FloatingPointCounter(label: "process_cpu_seconds_total", dimensions: [], factory: factory)
        openFiles = meter("process_open_fds")
        maxFiles = meter("process_max_fds")
        residentMemory = meter("process_resident_memory_bytes")
        virtualMemory = meter("process_virtual_memory_bytes")
        meter("process_start_time_seconds").set(Self.startTime ?? Date.now.timeIntervalSince1970)
        meter("fedmsg_bridge_build_info", [("version", version), ("revision", revision)]).set(1)
        update()
    }

    /// Brings them up to date.
    public func update() {
        if let statistics = Statistics() {
            cpuSeconds.increment(by: countedCPUSeconds.advance(to: statistics.cpuSeconds))
            residentMemory.set(statistics.residentBytes)
            virtualMemory.set(statistics.virtualBytes)
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            openFiles.set(files.count)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { maxFiles.set(Double(limit.rlim_cur)) }
    }

    /// When this process began, in seconds since 1970.
    private static var startTime: Double? {
        guard let statistics = Statistics(),
            let kernel = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let boot = kernel.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
            let seconds = Double(boot.dropFirst(6))
        else { return nil }
        return seconds + statistics.startedSecondsAfterBoot
    }
}

/// A few fields of `/proc/self/stat`, see proc(5).
private struct Statistics {
    var cpuSeconds: Double
    var startedSecondsAfterBoot: Double
    var virtualBytes: Double
    var residentBytes: Double

    init?() {
        // The second field, the program's name, may contain anything; what follows its parenthesis begins with the third.
        guard let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ").map { Double($0) ?? 0 }
        guard fields.count > 21 else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpuSeconds = (fields[11] + fields[12]) / ticks
        startedSecondsAfterBoot = fields[19] / ticks
        virtualBytes = fields[20]
        residentBytes = fields[21] * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// How far a counter has been counted, so that two scrapes at once count nothing twice.
private final class SharedTotal: Sendable {
    private let total = Mutex(0.0)

    /// By how much `value` is over the highest so far.
    func advance(to value: Double) -> Double {
        total.withLock { total in
            defer { total = max(total, value) }
            return max(0, value - total)
        }
    }
}
