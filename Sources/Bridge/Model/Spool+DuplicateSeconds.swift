import Settings

extension BridgeConfiguration.Spool {
    /// `duplicate_window` in whole seconds. Part of one counts as one: 0 is for never.
    var duplicateSeconds: Int {
        let (seconds, attoseconds) = duplicateWindow.components
        return Int(seconds) + (attoseconds > 0 ? 1 : 0)
    }
}
