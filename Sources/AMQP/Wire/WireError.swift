/// What is wrong with bytes that came in, or with a value that was to go out.
enum WireError: Error, Equatable, Sendable {
    // Frames that came in.
    /// The server answered our protocol header with its own, and closes: it speaks another version.
    case protocolMismatch(major: UInt8, minor: UInt8, revision: UInt8)
    case unknownFrameType(UInt8)
    case frameTooLarge(size: UInt32, limit: UInt32)
    case wrongFrameEnd(UInt8)
    case heartbeatOnChannel(UInt16)
    case heartbeatWithPayload(size: UInt32)

    // What is in them.
    case unknownMethod(MethodID)
    case unknownContentClass(UInt16)
    case contentWeight(UInt16)
    /// A length points past the end of what holds it, or a field is missing.
    case truncated
    case trailingBytes(Int)
    case unknownFieldType(UInt8)
    case keyNotUTF8
    case tableTooDeep(limit: Int)
    case tooManyFields(limit: Int)
    // Only ever noted beside a message's properties.
    case notUTF8
    case unknownPropertyFlags(UInt16)

    // Values that were to go out; nothing of them has been written.
    case shortStringTooLong(length: Int)
    case longStringTooLong(length: Int)
    /// RabbitMQ reads no such float, and closes the connection over it.
    case notFinite
    /// A method or a content header is one frame, always.
    case doesNotFitFrame(size: Int, frameMax: UInt32)
}

extension WireError {
    /// The code with which the connection is to be closed; nil where it is not: the server already is closing,
    /// or the fault is in a value of our own that was not sent.
    var replyCode: AMQPReplyCode? {
        switch self {
        case .unknownFrameType, .frameTooLarge, .wrongFrameEnd, .heartbeatOnChannel, .heartbeatWithPayload:
            .frameError
        case .unknownMethod, .unknownContentClass, .contentWeight, .truncated, .trailingBytes, .unknownFieldType,
            .keyNotUTF8, .tableTooDeep, .tooManyFields, .notUTF8, .unknownPropertyFlags:
            .syntaxError
        case .protocolMismatch, .shortStringTooLong, .longStringTooLong, .notFinite, .doesNotFitFrame:
            nil
        }
    }
}

extension WireError: CustomStringConvertible {
    var description: String {
        switch self {
        case .protocolMismatch(let major, let minor, let revision):
            "the server speaks AMQP \(major)-\(minor)-\(revision), not 0-9-1"
        case .unknownFrameType(let type): "frame of unknown type \(type)"
        case .frameTooLarge(let size, let limit): "frame payload of \(size) bytes, the limit of a frame is \(limit)"
        case .wrongFrameEnd(let byte): "frame ends with \(byte) instead of 206"
        case .heartbeatOnChannel(let channel): "heartbeat on channel \(channel)"
        case .heartbeatWithPayload(let size): "heartbeat with a payload of \(size) bytes"
        case .unknownMethod(let id): "unknown method \(id.methodID) of class \(id.classID)"
        case .unknownContentClass(let classID): "content header of class \(classID)"
        case .contentWeight(let weight): "content header with weight \(weight)"
        case .truncated: "a length points past the end, or a field is missing"
        case .trailingBytes(let count): "\(count) bytes after the last field"
        case .unknownFieldType(let type): "unknown field type \(type)"
        case .keyNotUTF8: "a table's key is not UTF-8"
        case .tableTooDeep(let limit): "table with more than \(limit) levels"
        case .tooManyFields(let limit): "table with more than \(limit) fields"
        case .notUTF8: "text is not UTF-8"
        case .unknownPropertyFlags(let flags): "property flags \(flags), of which some mean nothing"
        case .shortStringTooLong(let length): "short string of \(length) bytes, 255 is the limit"
        case .longStringTooLong(let length): "long string of \(length) bytes, 4294967295 is the limit"
        case .notFinite: "a float is infinite or not a number"
        case .doesNotFitFrame(let size, let frameMax): "\(size) bytes in one frame, frame_max is \(frameMax)"
        }
    }
}
