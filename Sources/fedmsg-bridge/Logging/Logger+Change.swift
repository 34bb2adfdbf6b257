import Bridge
import Logging

extension Logger {
    /// A state changed: worth a warning where trouble begins, and how long it lasted where it ends.
    func log(_ change: StatusBoard.Change) {
        var metadata: Logger.Metadata = [LogKey.reason: "\(change.code)", "source": "\(change.source)"]
        if let lasted = change.lasted {
            metadata[LogKey.seconds] = "\(Int(lasted.rounded()))"
            info("trouble ended", metadata: metadata)
        } else {
            metadata[LogKey.detail] = "\(change.text)"
            warning("trouble began", metadata: metadata)
        }
    }
}
