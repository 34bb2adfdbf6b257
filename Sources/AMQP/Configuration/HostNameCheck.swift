internal import NIOSSL

/// Whether a certificate is for a host's name, and not just for the address that the name led to.
///
/// NIOSSL takes either. With a forged answer from the name service a stranger's good certificate for the stranger's
/// own address would pass for the broker's.
enum HostNameCheck {
    static func certificate(_ certificate: NIOSSLCertificate, isFor host: String) -> Bool {
        let names = certificate._subjectAlternativeNames()
        // Without such names NIOSSL has compared the common name, which is never an address of the socket.
        guard !names.isEmpty else { return true }
        return names.contains { $0.nameType == .dnsName && matches(Array($0.contents), host) }
    }

    /// RFC 9525, section 6.3: labels are equal whatever their case, and a certificate's first one may be `*`.
    static func matches(_ name: [UInt8], _ host: String) -> Bool {
        let wanted = labels(of: Array(host.utf8))
        let given = labels(of: name)
        guard wanted.count == given.count, !wanted.contains([]) else { return false }
        if given.first == [UInt8(ascii: "*")], given.count > 2 { return wanted.dropFirst() == given.dropFirst() }
        return wanted == given
    }

    private static func labels(of name: [UInt8]) -> [[UInt8]] {
        let name = name.last == UInt8(ascii: ".") ? name.dropLast() : name[...]
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { label in
            label.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        }
    }
}
