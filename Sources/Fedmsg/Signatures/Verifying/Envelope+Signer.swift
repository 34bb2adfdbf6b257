extension Envelope {
    /// - Throws: `topic_mismatch` where the topic frame is another than the topic that is signed, or `bad_topic`.
    func check(_ frame: RawSpan, in bytes: RawSpan) throws(SignatureRefusal) {
        do {
            if try isTopic(frame, in: bytes) { return }
        } catch {
            throw SignatureRefusal(.badTopic, error.detail)
        }
        throw SignatureRefusal(.topicMismatch, "the envelope's topic is not that of the topic frame")
    }

    /// The common name of whoever signed the message, in the order of steps that fedmsg has.
    ///
    /// - Throws: why nobody did who can be believed.
    func signer(
        in bytes: RawSpan,
        at time: JudgingTime,
        _ trust: Trust,
        isStored: Bool,
        using workspace: inout SignatureWorkspace
    ) throws(SignatureRefusal) -> String {
        if let crypto = self[.crypto], !crypto.isX509(in: bytes) {
            let name = text(.crypto, in: bytes) == "gpg" ? "gpg" : "unknown"
            throw SignatureRefusal(.badSignature, "crypto is \(name), expected x509")
        }
        guard let signature = self[.signature] else { throw SignatureRefusal(.unsigned, "there is no signature") }
        guard let certificate = self[.certificate] else { throw SignatureRefusal(.unsigned, "there is no certificate") }
        guard case .text = signature.kind else {
            throw SignatureRefusal(.badSignature, "the signature is \(signature.kind.name), expected text")
        }
        guard case .text = certificate.kind else {
            throw SignatureRefusal(.badCertificate, "it is \(certificate.kind.name), expected text")
        }
        guard Base64.decode(bytes.extracting(signature.contents), isJSON: true, into: &workspace.signature) else {
            throw SignatureRefusal(.badSignature, "the signature is no base64")
        }

        let holder = try trust.certificate(bytes.extracting(certificate.contents))
        if let objection = holder.objection(at: time, trust.files) { throw objection }

        do {
            try workspace.form.writeSigned(self, in: bytes, isStored: isStored, to: &workspace.signed)
        } catch {
            throw SignatureRefusal(.badSignature, error.detail)
        }
        guard holder.key.hasSigned(workspace.signed.span.bytes, workspace.signature.span.bytes) else {
            throw SignatureRefusal(.badSignature, "\(holder.commonName) did not sign this")
        }
        return holder.commonName
    }
}

extension JSONValue {
    fileprivate func isX509(in bytes: RawSpan) -> Bool {
        if let plainText { return bytes.equals("x509", at: plainText) }
        return text(in: bytes) == "x509"
    }
}
