/// 16 bytes that stand for a message in a ``DuplicateWindow``: 6 of a cryptographic digest of its id and topic, 10 of one of its
/// body too.
///
/// They must be ones whose values a stranger cannot choose, since they are the hashes of the table too.
public struct MessageDigest: Hashable, Sendable {
    /// The first 8 bytes.
    public var high: UInt64
    /// The last 8 bytes.
    public var low: UInt64

    /// What messages have in common that differ in their bodies alone.
    var name: UInt64 { high >> 16 }

    /// A digest of two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The first 16 of `bytes`; nil where there are fewer.
    public init?(_ bytes: some Sequence<UInt8>) {
        var halves: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in bytes.prefix(16) {
            if count < 8 { halves.0 = halves.0 << 8 | UInt64(byte) } else { halves.1 = halves.1 << 8 | UInt64(byte) }
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }
}
