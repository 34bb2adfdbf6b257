extension OutputRawSpan {
    /// Appends bytes as they are.
    package mutating func append(contentsOf bytes: RawSpan) {
        withUnsafeMutableBytes { buffer, count in
            bytes.withUnsafeBytes { source in
                // Neither slicing nor copying looks at the room in a release build.
                precondition(source.count <= buffer.count - count)
                unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + source.count])
                    .copyMemory(from: source)
            }
            count += bytes.byteCount
        }
    }

    /// Appends ASCII that the program itself has.
    @inlinable
    @inline(__always)
    package mutating func append(_ text: StaticString) {
        withUnsafeMutableBytes { buffer, count in
            precondition(text.utf8CodeUnitCount <= buffer.count - count)
            let room = unsafe buffer[count..<count + text.utf8CodeUnitCount]
            unsafe UnsafeMutableRawBufferPointer(rebasing: room)
                .copyMemory(from: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            count += text.utf8CodeUnitCount
        }
    }

    /// Appends a number in decimal.
    package mutating func append(decimal number: Int64) {
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var first = digits.count
        var rest = number.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { append(UInt8(ascii: "-")) }
        for place in first..<digits.count { append(digits[place]) }
    }
}

extension [UInt8] {
    /// Appends what a closure writes into room that is asked for once.
    package mutating func append(capacity: Int, _ write: (inout OutputRawSpan) -> Void) {
        append(addingCapacity: capacity) { (span: inout OutputSpan<UInt8>) in
            span.withUnsafeMutableBufferPointer { buffer, count in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                var output = unsafe OutputRawSpan(buffer: bytes, initializedCount: 0)
                write(&output)
                count = unsafe output.finalize(for: bytes)
            }
        }
    }
}
