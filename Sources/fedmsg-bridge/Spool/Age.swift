import ArgumentParser

/// A length of time as people write it: `90s`, `15m`, `12h`, `30d`.
struct Age: ExpressibleByArgument {
    let microseconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = argument.last, let unit = units[last], let count = Int64(argument.dropLast()), count >= 0,
            !count.multipliedReportingOverflow(by: unit * 1_000_000).overflow
        else { return nil }
        microseconds = count * unit * 1_000_000
    }
}
