import COpenSSL
import Foundation

/// The captured fedmsgs of the tests, signed anew by a key of 2048 bits, over and over.
@main
struct SignatureBenchmark {
    private struct Contender {
        let name: String
        let operationsInRound: Int
        /// One operation on a sample; whether it went well.
        let run: (Sample) -> Bool
        /// Seconds for each operation, by round.
        var seconds: [Double] = []

        var median: Double { seconds.sorted()[seconds.count / 2] }
    }

    static func main() throws {
        let fixtures = CommandLine.arguments[1]
        let rounds = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 15 : 15
        let samples = try Sample.read(fixtures)
        print(
            "\(samples.count) messages of \(samples.map(\.bytes.count).reduce(0, +) / samples.count) bytes on average"
        )

        var contenders = try ours(fixtures) + libcrypto(fixtures)
        for _ in 0..<max(1, rounds) {
            for place in contenders.indices { contenders[place].seconds.append(time(contenders[place], samples)) }
        }
        let median = Dictionary(uniqueKeysWithValues: contenders.map { ($0.name, $0.median) })
        for (name, bare) in [("check", "bare check"), ("parse and check", "bare check"), ("sign", "bare sign")] {
            guard let ours = median[name], let theirs = median[bare] else { continue }
            print(
                "\(name): \(Int(1 / ours)) a second, libcrypto \(Int(1 / theirs)),",
                String(format: "%.3f of it", theirs / ours)
            )
        }
    }

    private static func ours(_ fixtures: String) throws -> [Contender] {
        let files = SignatureVerifier.Configuration(
            authority: "\(fixtures)/pki/ca.crt",
            revocationList: "\(fixtures)/pki/crl.pem"
        )
        let verifier = try SignatureVerifier(files)
        let signer = try MessageSigner(folder: "\(fixtures)/pki", certname: "app01")
        let now = JudgingTime.receipt(Int64(Date().timeIntervalSince1970))
        var workspace = SignatureWorkspace()
        let check = { (envelope: Envelope, sample: Sample) in
            let bytes = sample.bytes.span.bytes
            guard case .valid = verifier.verify(envelope, in: bytes, frame: nil, at: now, using: &workspace) else {
                return false
            }
            return true
        }
        return [
            Contender(name: "check", operationsInRound: 2_000) { check($0.envelope, $0) },
            Contender(name: "parse and check", operationsInRound: 2_000) { sample in
                (try? Envelope(sample.bytes)).map { check($0, sample) } ?? false
            },
            Contender(name: "sign", operationsInRound: 100) { sample in
                (try? signer.sign(sample.outgoing, body: sample.body.span.bytes, using: &workspace)) != nil
            },
        ]
    }

    private static func libcrypto(_ fixtures: String) throws -> [Contender] {
        let certificate = try CredentialsFile.read("\(fixtures)/pki/app01.crt")
        let key = try CredentialsFile.read("\(fixtures)/pki/app01.key")
        let publicKey = EVP_PKEY_get1_RSA(
            PEM.read(certificate) { PEM_read_bio_X509($0, nil, nil, nil) }.map(X509_get_pubkey) ?? nil
        )
        let privateKey = EVP_PKEY_get1_RSA(PEM.read(key) { PEM_read_bio_PrivateKey($0, nil, PEM.noPassword, nil) })
        return [
            Contender(name: "bare check", operationsInRound: 2_000) { sample in
                let digest = sha1(sample.signed)
                return RSA_verify(
                    NID_sha1,
                    digest,
                    20,
                    sample.signature,
                    CUnsignedInt(sample.signature.count),
                    publicKey
                ) == 1
            },
            Contender(name: "bare sign", operationsInRound: 100) { sample in
                var signature = [UInt8](repeating: 0, count: 256)
                var count: CUnsignedInt = 0
                return RSA_sign(NID_sha1, sha1(sample.signed), 20, &signature, &count, privateKey) == 1
            },
        ]
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        _ = SHA1(bytes, bytes.count, &digest)
        return digest
    }

    /// Seconds for each operation of a round.
    private static func time(_ contender: Contender, _ samples: [Sample]) -> Double {
        let start = processorTime()
        for place in 0..<contender.operationsInRound where !contender.run(samples[place % samples.count]) {
            print("\(contender.name) failed")
        }
        return (processorTime() - start) / Double(contender.operationsInRound)
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
