import ArgumentParser

/// Exit codes, from BSD's sysexits where that has a name for the case.
enum ExitStatus {
    /// Messages were rejected, or verify reported some.
    static let someRejected = ExitCode(2)
    /// EX_NOINPUT: an input that can't be read.
    static let noInput = ExitCode(66)
    /// EX_UNAVAILABLE: nobody can listen at the monitoring address and port, or the broker ends a replay.
    static let unavailable = ExitCode(69)
    /// EX_IOERR: results that can't be written.
    static let outputFailed = ExitCode(74)
    /// EX_TEMPFAIL: another daemon holds the spool, or it can't be opened.
    static let temporaryFailure = ExitCode(75)
    /// EX_CONFIG: the configuration.
    static let configuration = ExitCode(78)
}

extension ExitCode {
    /// Says on standard error why the process ends with this code, which is to be thrown.
    func explained(by cause: Any) -> ExitCode {
        StandardError.print("\(cause)")
        return self
    }
}
