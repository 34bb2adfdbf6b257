/// What came of an exchange that a publish found missing.
enum MissingExchange {
    /// The publishing connection declared it again, and with it all others of its topology that may have been missing.
    case declaredAgain
    /// It is not in the publishing connection's topology, which has done nothing about it.
    case foreign(String)
}
