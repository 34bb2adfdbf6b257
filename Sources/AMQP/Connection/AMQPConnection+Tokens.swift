import Logging

extension AMQPConnection {
    /// Replaces the token before it expires (connection.update-secret).
    func renewToken() {
        tokenRenewal = Task {
            let asked = now
            do throws(AMQPError) {
                guard let token = try await machine.configuration.token(for: endpoint) else { return }
                try machine.updateSecret(token, askedAt: asked)
                logger.debug("token renewed")
            } catch {
                guard machine.isOpen else { return }
                machine.tokenRenewal?.failed(at: now)
                logger.warning("token not renewed", metadata: [LogKey.error: "\(error)"])
                onEvent(.tokenRenewalFailed(error))
            }
            changed()
        }
    }
}
