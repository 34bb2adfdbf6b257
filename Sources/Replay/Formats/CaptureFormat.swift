/// The forms in which people have captured messages.
package enum CaptureFormat: String, CaseIterable, Sendable {
    /// Told by looking at the first lines.
    case auto
    /// One envelope, or one serialized message, a line.
    case jsonl
    /// Answers of datagrepper: objects with `raw_messages`, over any number of lines.
    case datagrepper
    /// What `fedmsg-tail` prints, with `--pretty` or `--really-pretty` too.
    case tail
    /// A topic and an envelope on alternate lines.
    case zmq
}
