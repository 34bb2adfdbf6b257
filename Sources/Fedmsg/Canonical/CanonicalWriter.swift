/// The second pass: writes a text that was indexed, each object's members in the order of the index.
struct CanonicalWriter {
    /// A container that is being written, or the outside of them all.
    private struct Frame {
        var kind: Kind = .outside
        /// Of an object, those that are still to be written.
        var next: UInt32 = 0
        var last: UInt32 = 0
        var object = 0

        enum Kind { case outside, array, object }
    }

    private enum Step {
        case value
        /// A key and its colon, or an object's end.
        case member
        /// A comma, or an array's end, or the end.
        case separator
    }

    private var outer: [Frame] = []

    /// Appends the text's canonical form.
    ///
    /// - Parameter replacement: canonical JSON to write for the member whose value begins there.
    mutating func write(
        _ bytes: RawSpan,
        _ index: borrowing CanonicalIndex,
        replacement: (offset: Int, json: [UInt8])?,
        into output: inout OutputRawSpan
    ) {
        outer.removeAll(keepingCapacity: true)
        var frame = Frame()
        var nextObject = 0
        var position = JSONScanner.skipWhiteSpace(in: bytes, from: 0)
        var step = Step.value
        while true {
            switch step {
            case .value:
                step = .separator
                switch bytes[position] {
                case UInt8(ascii: "\""):
                    position = output.appendString(of: bytes, from: position)
                case UInt8(ascii: "{"):
                    output.append(UInt8(ascii: "{"))
                    outer.append(frame)
                    let members = index.objects[nextObject].members
                    frame = Frame(
                        kind: .object,
                        next: members.lowerBound,
                        last: members.upperBound,
                        object: nextObject
                    )
                    step = .member
                case UInt8(ascii: "["):
                    output.append(UInt8(ascii: "["))
                    outer.append(frame)
                    frame = Frame(kind: .array)
                    position = JSONScanner.skipWhiteSpace(in: bytes, from: position &+ 1)
                    if bytes[position] != UInt8(ascii: "]") { step = .value }
                default:
                    position = output.appendScalar(of: bytes, from: position)
                }
            case .member:
                guard frame.next < frame.last else {
                    output.append(UInt8(ascii: "}"))
                    position = Int(index.objects[frame.object].end)
                    nextObject = Int(index.objects[frame.object].following)
                    frame = outer.removeLast()
                    step = .separator
                    continue
                }
                let member = index.members[Int(frame.next)]
                frame.next &+= 1
                nextObject = Int(member.firstObject)
                position = output.appendString(of: bytes, from: Int(member.start))
                output.append(UInt8(ascii: ":"))
                position = JSONScanner.skipWhiteSpace(in: bytes, from: position)
                position = JSONScanner.skipWhiteSpace(in: bytes, from: position &+ 1)
                step = .value
                if let replacement, replacement.offset == position {
                    output.append(contentsOf: replacement.json.span.bytes)
                    step = .separator
                }
            case .separator:
                switch frame.kind {
                case .outside:
                    return
                case .object:
                    if frame.next < frame.last { output.append(UInt8(ascii: ",")) }
                    step = .member
                case .array:
                    position = JSONScanner.skipWhiteSpace(in: bytes, from: position)
                    output.append(bytes[position])
                    if bytes[position] == UInt8(ascii: ",") {
                        position = JSONScanner.skipWhiteSpace(in: bytes, from: position &+ 1)
                        step = .value
                    } else {
                        position &+= 1
                        frame = outer.removeLast()
                    }
                }
            }
        }
    }
}

extension OutputRawSpan {
    /// Appends a number as Python writes it, a boolean or null.
    ///
    /// - Returns: the offset past it.
    @inline(__always)
    fileprivate mutating func appendScalar(of bytes: RawSpan, from start: Int) -> Int {
        var end = start
        var isInteger = true
        while bytes.reaches(end), bytes[end].isInScalar {
            isInteger = isInteger && bytes[end].isInInteger
            end &+= 1
        }
        let text = bytes.extracting(start..<end)
        let first = text[0]
        if isInteger {
            // Python has no negative zero among integers.
            let isNegativeZero = text.byteCount == 2 && first == UInt8(ascii: "-") && text[1] == UInt8(ascii: "0")
            for offset in (isNegativeZero ? 1 : 0)..<text.byteCount { append(text[offset]) }
        } else if first == UInt8(ascii: "t") || first == UInt8(ascii: "f") || first == UInt8(ascii: "n") {
            append(contentsOf: text)
        } else {
            PythonFloat.append(text, to: &self)
        }
        return end
    }
}

extension UInt8 {
    /// Whether it can stand in a number or a literal: after one only a separator can come.
    @inline(__always)
    fileprivate var isInScalar: Bool {
        isInInteger || (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: ".") || self == UInt8(ascii: "+")
    }

    @inline(__always)
    fileprivate var isInInteger: Bool { self &- UInt8(ascii: "0") < 10 || self == UInt8(ascii: "-") }
}
