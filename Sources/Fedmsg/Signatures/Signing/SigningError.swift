/// Why an envelope could not be signed.
public enum SigningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// With this body it is no JSON that a consumer could read.
    case badEnvelope(EnvelopeError)
    /// The key, which made a signature when it was read, made none.
    case keyFailed(CredentialsError)

    /// What is wrong.
    public var description: String {
        switch self {
        case .badEnvelope(let error): error.description
        case .keyFailed(let error): error.description
        }
    }
}
