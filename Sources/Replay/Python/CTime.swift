import Fedmsg
import FedoraMessaging

/// The times that `fedmsg-tail --pretty` prints, as C's `ctime` has them: `Tue Jul 30 19:12:22 2019`.
enum CTime {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Seconds since 1970. The zone is not in the text: it is taken for UTC, as Fedora's servers have it, so that a
    /// capture means the same everywhere.
    static func seconds(_ text: String) -> Int64? {
        let words = text.split(separator: " ")
        guard words.count == 5, let month = months.firstIndex(of: String(words[1])), let day = Int(words[2]) else {
            return nil
        }
        return SentAt.seconds("\(words[4])-\(twoDigits(month + 1))-\(twoDigits(day))T\(words[3])")
    }

    /// An envelope whose `timestamp` is such a text, with the number instead.
    static func replaceTimestamp(in envelope: [UInt8]) -> [UInt8] {
        let bytes = envelope.span.bytes
        guard let value = (try? JSONObject(bytes))?["timestamp"], let text = value.text(in: bytes),
            let seconds = seconds(text)
        else { return envelope }
        var replaced = envelope
        replaced.replaceSubrange(value.range, with: seconds.description.utf8)
        return replaced
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
