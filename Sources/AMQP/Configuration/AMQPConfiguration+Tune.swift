extension AMQPConfiguration {
    /// What connection.tune-ok asks for, before the least of both sides is taken. Parts of a second count as one.
    var wantedTune: TuneParameters {
        let seconds = heartbeat.components.seconds + (heartbeat.components.attoseconds > 0 ? 1 : 0)
        return TuneParameters(channelMax: channelMax, frameMax: frameMax, heartbeat: UInt16(clamping: seconds))
    }
}
