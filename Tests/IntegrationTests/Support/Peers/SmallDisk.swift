import Foundation

/// A small file system, mounted for one test, that can be full or hang. Needs root.
struct SmallDisk {
    enum Kind: String {
        /// In memory.
        case tmpfs
        /// On a loop device: the kind that can hang.
        case ext4
    }

    private struct Mounted: Decodable { let folder: String }
    private struct Command: Encodable {
        let `do`: String
        var leaving: Int?
    }

    private let peer: PythonPeer
    let folder: URL

    /// Mounts one for the length of `body`, and thaws and unmounts it whatever happens.
    static func with<Result>(
        _ kind: Kind,
        mebibytes: Int,
        _ body: (SmallDisk) async throws -> Result
    ) async throws -> Result {
        try await PythonPeer.with("small_disk", [kind.rawValue, String(mebibytes)]) { peer in
            let folder = try await peer.next("mounted", as: Mounted.self).folder
            let disk = SmallDisk(peer: peer, folder: URL(filePath: folder))
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(disk))
            } catch {
                result = .failure(error)
            }
            try await disk.answered("unmounted", Command(do: "unmount"))
            return try result.get()
        }
    }

    /// Takes what is free, but for so many bytes.
    func fill(leaving bytes: Int = 0) async throws {
        try await answered("filled", Command(do: "fill", leaving: bytes))
    }

    /// Gives back what ``fill(leaving:)`` took.
    func free() async throws {
        try await answered("freed", Command(do: "free"))
    }

    /// Whatever writes there waits, until ``thaw()``, or a minute has passed.
    func freeze() async throws {
        try await answered("frozen", Command(do: "freeze"))
    }

    func thaw() async throws {
        try await answered("thawed", Command(do: "thaw"))
    }

    /// Makes it read-only, as an error of the disk does. No file may be open there for writing.
    func protect() async throws {
        try await answered("protected", Command(do: "protect"))
    }

    private func answered(_ answer: String, _ command: Command) async throws {
        try peer.send(command)
        try await peer.next(answer)
    }
}
