import Fedmsg
import Spool

extension MessageDigest {
    /// What a message is known by, whichever way it goes.
    init(id: RawSpan, topic: RawSpan, body: RawSpan) {
        let digest = MessageIdentity.digest(id: id, topic: topic, body: body)
        self.init(high: digest.high, low: digest.low)
    }
}
