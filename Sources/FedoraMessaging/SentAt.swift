/// The `sent-at` header: an ISO 8601 time, as fedora-messaging writes and reads it.
///
/// The library writes `datetime.isoformat()` of a time in UTC without microseconds
/// (`2019-07-30T19:12:22+00:00`) and reads whatever ISO 8601 gives; other clients leave out the
/// offset, write `Z`, or add a fraction.
public enum SentAt {
    /// Seconds since 1970 that have a four-digit year: 0001-01-01T00:00:00 to 9999-12-31T23:59:59.
    public static let range: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// The text of a time, or `nil` outside the years 1 to 9999.
    ///
    /// - Parameter seconds: seconds since 1970-01-01T00:00:00Z.
    public static func text(_ seconds: Int64) -> String? {
        bytes(seconds).map { bytes in
            bytes.span.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    /// The 25 bytes of ``text(_:)``, which need no allocation.
    public static func bytes(_ seconds: Int64) -> InlineArray<25, UInt8>? {
        guard range.contains(seconds) else { return nil }
        let (days, second) = seconds.flooredDivision(by: 86_400)
        let date = CivilDate(daysSince1970: days)
        var bytes = InlineArray<25, UInt8>(repeating: 0)
        bytes.writeDigits(date.year / 100, at: 0)
        bytes.writeDigits(date.year % 100, at: 2)
        bytes[4] = UInt8(ascii: "-")
        bytes.writeDigits(date.month, at: 5)
        bytes[7] = UInt8(ascii: "-")
        bytes.writeDigits(date.day, at: 8)
        bytes[10] = UInt8(ascii: "T")
        bytes.writeDigits(second / 3600, at: 11)
        bytes[13] = UInt8(ascii: ":")
        bytes.writeDigits(second / 60 % 60, at: 14)
        bytes[16] = UInt8(ascii: ":")
        bytes.writeDigits(second % 60, at: 17)
        bytes[19] = UInt8(ascii: "+")
        bytes.writeDigits(0, at: 20)
        bytes[22] = UInt8(ascii: ":")
        bytes.writeDigits(0, at: 23)
        return bytes
    }

    /// Reads `YYYY-MM-DDTHH:MM:SS`, then an optional fraction, then `Z`, `±HH:MM`, `±HHMM`, `±HH` or
    /// nothing, which means UTC. A space may stand for the `T`.
    ///
    /// - Returns: whole seconds since 1970, the fraction cut; `nil` where it is no such time.
    public static func seconds(_ text: String) -> Int64? {
        let bytes = text.utf8Span.span
        var reader = DigitReader()
        guard let year = reader.digits(4, of: bytes), year >= 1, reader.skip("-", of: bytes),
            let month = reader.digits(2, of: bytes), (1...12).contains(month), reader.skip("-", of: bytes),
            let day = reader.digits(2, of: bytes), (1...CivilDate.daysInMonth(month, year: year)).contains(day),
            reader.skip("T", of: bytes) || reader.skip("t", of: bytes) || reader.skip(" ", of: bytes),
            let hour = reader.digits(2, of: bytes), hour < 24, reader.skip(":", of: bytes),
            let minute = reader.digits(2, of: bytes), minute < 60, reader.skip(":", of: bytes),
            let second = reader.digits(2, of: bytes), second < 60
        else { return nil }
        if reader.skip(".", of: bytes) || reader.skip(",", of: bytes) {
            guard reader.skipDigits(of: bytes) > 0 else { return nil }
        }
        guard let offset = reader.offset(of: bytes), reader.index == bytes.count else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        let result = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return range.contains(result) ? result : nil
    }
}

/// Reads fixed-width numbers from text.
private struct DigitReader {
    var index = 0

    mutating func skip(_ scalar: Unicode.Scalar, of bytes: Span<UInt8>) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: scalar) else { return false }
        index += 1
        return true
    }

    mutating func digits(_ count: Int, of bytes: Span<UInt8>) -> Int64? {
        guard index + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for place in index..<index + count {
            let byte = bytes[place]
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        index += count
        return value
    }

    mutating func skipDigits(of bytes: Span<UInt8>) -> Int {
        let start = index
        while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 { index += 1 }
        return index - start
    }

    /// Seconds east of UTC; 0 where nothing stands.
    mutating func offset(of bytes: Span<UInt8>) -> Int64? {
        if index == bytes.count || skip("Z", of: bytes) || skip("z", of: bytes) { return 0 }
        let sign: Int64
        if skip("+", of: bytes) {
            sign = 1
        } else if skip("-", of: bytes) {
            sign = -1
        } else {
            return nil
        }
        guard let hours = digits(2, of: bytes), hours < 24 else { return nil }
        let colon = skip(":", of: bytes)
        guard let minutes = digits(2, of: bytes) else { return colon ? nil : sign * hours * 3600 }
        return minutes < 60 ? sign * (hours * 3600 + minutes * 60) : nil
    }
}

extension InlineArray<25, UInt8> {
    /// Two digits.
    @inline(__always)
    fileprivate mutating func writeDigits(_ value: Int64, at offset: Int) {
        let value = UInt8(truncatingIfNeeded: value)
        self[offset] = 0x30 + value / 10
        self[offset + 1] = 0x30 + value % 10
    }
}
