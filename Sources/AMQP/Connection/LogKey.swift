/// Keys of what a client logs.
enum LogKey {
    static let endpoint = "endpoint"
    static let error = "error"
    static let generation = "generation"
    static let queue = "queue"
    static let reason = "reason"
    static let role = "amqp_role"
    static let wait = "wait"
}
