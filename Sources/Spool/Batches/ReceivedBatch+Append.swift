public import NIOCore

extension ReceivedBatch {
    /// Appends a message of two frames, copying each once.
    ///
    /// - Returns: False where the batch would get longer than ``maxBytes``; it is then unchanged.
    @discardableResult
    public mutating func append(topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) -> Bool {
        let size = 3 * Self.lengthSize + topic.count + payload.count
        guard begin(recordOf: size) else { return false }
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var target = RecordWriter(target)
            target.write(length: 2)
            target.write(length: topic.count)
            target.write(length: payload.count)
            target.write(topic)
            target.write(payload)
            return size
        }
        return true
    }

    /// Appends a message of any number of frames, copying each once.
    ///
    /// - Returns: False where the batch would get longer than ``maxBytes``; it is then unchanged.
    @discardableResult
    public mutating func append(frames: [UnsafeRawBufferPointer]) -> Bool {
        let size = frames.reduce(Self.lengthSize * (frames.count + 1)) { $0 + $1.count }
        guard begin(recordOf: size) else { return false }
        bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var target = RecordWriter(target)
            target.write(length: frames.count)
            for frame in frames { target.write(length: frame.count) }
            for frame in frames { target.write(frame) }
            return size
        }
        return true
    }

    /// Appends a message of any number of frames, copying each once.
    ///
    /// - Returns: False where the batch would get longer than ``maxBytes``; it is then unchanged.
    @discardableResult
    public mutating func append(frames: [ByteBuffer]) -> Bool {
        let size = frames.reduce(Self.lengthSize * (frames.count + 1)) { $0 + $1.readableBytes }
        guard begin(recordOf: size) else { return false }
        bytes.writeInteger(UInt32(frames.count), endianness: .little)
        for frame in frames { bytes.writeInteger(UInt32(frame.readableBytes), endianness: .little) }
        for frame in frames { bytes.writeImmutableBuffer(frame) }
        return true
    }

    private mutating func begin(recordOf size: Int) -> Bool {
        guard bytes.readableBytes + size <= Self.maxBytes else { return false }
        offsets.append(UInt32(bytes.readableBytes))
        return true
    }
}

/// Writes a record into memory reserved for all of it.
private struct RecordWriter {
    private var rest: Slice<UnsafeMutableRawBufferPointer>

    init(_ target: UnsafeMutableRawBufferPointer) {
        rest = target[...]
    }

    mutating func write(length: Int) {
        withUnsafeBytes(of: UInt32(length).littleEndian) { write($0) }
    }

    mutating func write(_ source: UnsafeRawBufferPointer) {
        // Copying does not look at the room in a release build.
        precondition(source.count <= rest.count)
        UnsafeMutableRawBufferPointer(rebasing: rest).copyMemory(from: source)
        rest = rest.dropFirst(source.count)
    }
}
