import ArgumentParser
import Monitoring

/// A number that `health` has thresholds for.
protocol ThresholdSubject {
    /// What comes after `--warn-` and `--crit-`.
    static var name: String { get }
    static var help: ArgumentHelp { get }
}

enum WaitingAge: ThresholdSubject {
    static let name = "age"
    static let help = ArgumentHelp("Age of the oldest waiting message.", valueName: "seconds")
}

enum WaitingMessages: ThresholdSubject {
    static let name = "spool"
    static let help = ArgumentHelp("Messages that wait.", valueName: "count")
}

enum DeadLetters: ThresholdSubject {
    static let name = "dead-letters"
    static let help = ArgumentHelp("Dead letters.", valueName: "count")
}

enum Silence: ThresholdSubject {
    static let name = "silence"
    static let help = ArgumentHelp("Time without a message in a direction.", valueName: "seconds")
}

/// The two options of a number.
struct ThresholdOptions<Subject: ThresholdSubject>: ParsableArguments {
    @Option(name: .customLong("warn-\(Subject.name)"), help: Subject.help)
    var warning: Double?

    @Option(name: .customLong("crit-\(Subject.name)"), help: Subject.help)
    var critical: Double?

    var pair: HealthThresholds.Pair { .init(warning: warning, critical: critical) }

    func validate() throws {
        guard [warning, critical].allSatisfy({ $0 ?? 0 >= 0 }) else {
            throw ValidationError("thresholds are not negative")
        }
    }
}
