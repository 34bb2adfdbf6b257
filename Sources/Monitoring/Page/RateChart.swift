/// The last hour of one direction as a small area chart.
struct RateChart {
    private static let width = RateHistory.capacity
    private static let height = 56

    let rates: RateHistory.Rates
    /// What it shows, for who can't see it.
    let title: String

    var html: HTML {
        let summary =
            "\(title): \(PageFormat.rate(rates.now)) a second now, at most \(PageFormat.rate(rates.peak)) in the last hour"
        return """
            <figure class="chart"><svg viewBox="0 0 \(Self.width) \(Self.height)" preserveAspectRatio="none" role="img" \
            aria-label="\(summary)">\(area)<line class="base" x1="0" y1="\(Self.height)" x2="\(Self.width)" \
            y2="\(Self.height)"/></svg><figcaption><span>1 h ago</span><span>peak \(PageFormat.rate(rates.peak))/s</span>\
            <span>now</span></figcaption></figure>
            """
    }

    private var area: HTML {
        guard rates.peak > 0 else { return .empty }
        let start = Self.width - rates.points.count
        let line = rates.points.enumerated().map { index, rate in
            let y = Double(Self.height) - rate / rates.peak * Double(Self.height - 4)
            return "\(start + index + 1),\(Int(y.rounded()))"
        }
        let path = line.joined(separator: " ")
        let closed = "\(start + 1),\(Self.height) \(path) \(Self.width),\(Self.height)"
        return #"<polygon class="area" points="\#(closed)"/><polyline class="line" points="\#(path)"/>"#
    }
}
