import ArgumentParser
import Foundation
import Settings

/// `fedmsg-bridge config import`: from fedmsg's configuration to ours.
struct ConfigImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Turns what fedmsg-config prints (JSON) into our TOML.",
        discussion: "fedmsg-config | fedmsg-bridge config import - > /etc/fedmsg-bridge/bridge.d/50-fedmsg.toml"
    )

    @Argument(help: ArgumentHelp("What fedmsg-config printed; - for standard input.", valueName: "file"))
    var file = "-"

    func run() throws {
        do {
            try StandardOutput.print(FedmsgImport.toml(from: text()), terminator: "")
        } catch let error as ConfigurationError {
            throw ExitStatus.noInput.explained(by: error)
        }
    }

    private func text() throws -> String {
        let isInput = file == "-"
        let data =
            isInput
            ? (try? FileHandle.standardInput.readToEnd() ?? Data())
            : FileManager.default.contents(atPath: file)
        guard let data else {
            throw ExitStatus.noInput.explained(by: "\(isInput ? "standard input" : file): cannot be read")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
