/// What a connection to the broker is for.
enum BrokerRole: String, Sendable {
    case publishing
    case consuming
}
