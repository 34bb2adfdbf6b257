import Foundation
import Testing

@Suite("Systems that forbid RSA-SHA1 signatures")
struct CryptoPolicyTests {
    /// Whatever these are called with, a system's crypto policy has a say in it.
    private static let subjectToPolicy = [
        "EVP_DigestSign", "EVP_DigestVerify", "EVP_SignFinal", "EVP_VerifyFinal", "EVP_PKEY_sign", "EVP_PKEY_verify",
        "RSA_sign", "RSA_verify", "X509_CRL_verify", "X509_REQ_verify",
    ]

    #if os(Linux)
    @Test("no function that makes or checks such a signature is called")
    func callsNone() throws {
        let imports = try importedSymbols(of: URL(filePath: "/proc/self/exe"))
        #expect(imports.isSuperset(of: ["RSA_public_decrypt", "RSA_private_encrypt", "X509_verify_cert"]))
        for name in imports {
            #expect(!Self.subjectToPolicy.contains { name.hasPrefix($0) } && name != "X509_verify", "\(name)")
        }
    }

    /// What an ELF executable takes from other libraries.
    private func importedSymbols(of executable: URL) throws -> Set<String> {
        let file = try Data(contentsOf: executable, options: .alwaysMapped)
        func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Int {
            file.withUnsafeBytes { Int(Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type))) }
        }
        // Sections: type at 4, offset at 24, size at 32, link at 40.
        let table = number(UInt64.self, at: 40)
        let sections = (0..<number(UInt16.self, at: 60)).map { table + 64 * $0 }
        let dynamicSymbols = try #require(sections.first { number(UInt32.self, at: $0 + 4) == 11 })
        let names = number(UInt64.self, at: sections[number(UInt32.self, at: dynamicSymbols + 40)] + 24)
        let first = number(UInt64.self, at: dynamicSymbols + 24)
        let symbols = stride(from: first, to: first + number(UInt64.self, at: dynamicSymbols + 32), by: 24)
        // Symbols: name at 0, section at 6, which is 0 for what is not here.
        let imported = symbols.filter { number(UInt16.self, at: $0 + 6) == 0 }
        return Set(
            imported.map { symbol in
                let name = file[(names + number(UInt32.self, at: symbol))...]
                return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
        )
    }
    #endif

    @Test("no source names such a function")
    func namesNone() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Fedmsg").standardized
        let paths = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
        #expect(paths.contains { $0.hasSuffix("RSAPublicKey.swift") })
        for path in paths where path.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            for name in Self.subjectToPolicy + ["X509_verify("] { #expect(!text.contains(name), "\(name) in \(path)") }
        }
    }
}
