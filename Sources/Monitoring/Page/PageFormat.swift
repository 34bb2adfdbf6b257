import Foundation

/// Numbers and times as people read them.
enum PageFormat {
    /// Seconds in their largest unit: `3 s`, `12 min`, `5 h`, `40 d`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e12)))
        return switch whole {
        case ..<120: "\(whole) s"
        case ..<7200: "\(whole / 60) min"
        case ..<172_800: "\(whole / 3600) h"
        default: "\(whole / 86_400) d"
        }
    }

    /// Bytes in a unit of 1024: `512 B`, `1.5 MiB`.
    static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1024, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        let unit = units.first ?? ""
        return unit == "B" || value >= 100 ? "\(Int(value)) \(unit)" : "\(decimal(value)) \(unit)"
    }

    /// A whole number with a thin space between thousands.
    static func count(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += "\u{202F}" }
            result.append(digit)
        }
        return number < 0 ? "−" + result : result
    }

    /// Messages a second: `0`, `0.3`, `12.5`, `4 980`.
    static func rate(_ perSecond: Double) -> String {
        if perSecond <= 0 { return "0" }
        if perSecond < 0.05 { return "< 0.1" }
        return perSecond < 100 ? decimal(perSecond) : count(Int64(perSecond.rounded()))
    }

    /// `2026-11-24 19:12:50` in UTC.
    static func time(_ seconds: Double) -> String {
        Date(timeIntervalSince1970: seconds)
            .formatted(.iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false))
    }

    /// One digit after the point, none where it is zero.
    private static func decimal(_ value: Double) -> String {
        let tenths = Int64((value * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
