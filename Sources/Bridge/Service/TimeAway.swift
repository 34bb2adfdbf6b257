/// The time before a start in which nobody listened to fedmsg.
struct TimeAway: Equatable {
    /// Fedora's datagrepper, as it gives fedmsgs.
    private static let archive = "https://apps.fedoraproject.org/datagrepper/raw"

    /// In seconds since 1970.
    let from: Int64
    let until: Int64

    /// Nil where its beginning is not known, or was this very second. What a clock says that went back since is not.
    ///
    /// - Parameters:
    ///   - received: when the last fedmsg came, in microseconds since 1970, as the others.
    ///   - listened: when an earlier run last listened.
    init?(received: Int64?, listened: Int64?, now: Int64) {
        guard let last = [received, listened].compactMap(\.self).filter({ $0 <= now }).max() else { return nil }
        (from, until) = (last / 1_000_000, now / 1_000_000)
        guard from < until else { return nil }
    }

    /// What fetches and publishes the fedmsgs of that time, but those that came from a bridge, for a shell.
    ///
    /// - Parameter replay: how a replay is begun.
    func command(leavingOut loops: LoopCheck, replay: String) -> String {
        // Without quotation marks, which the log would escape.
        let users = loops.usernames.sorted().map(\.quotedForShell).joined(separator: " ")
        return """
            curl -sSf --retry 5 '\(Self.archive)?start=\(from)&end=\(until)&order=asc&rows_per_page=100&page=[1-50]' \
            | jq -c '.raw_messages[] | select(.username | IN($ARGS.positional[]) | not)' --args \(users) \
            | \(replay) --format jsonl -
            """
    }
}
