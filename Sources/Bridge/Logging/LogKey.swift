/// Keys of log metadata: the same words as in metrics and dead letters.
public enum LogKey {
    public static let direction = "direction"
    public static let reason = "reason"
    public static let detail = "detail"
    public static let topic = "topic"
    public static let messageID = "msg_id"
    public static let count = "count"
    public static let endpoint = "endpoint"
    public static let error = "error"
    public static let seconds = "seconds"
    public static let leftInSpool = "left_in_spool"
    public static let beginning = "beginning"
    public static let queue = "queue"
    public static let file = "file"
    public static let row = "row"
    public static let letter = "id"
    public static let repeated = "repeated"
}
