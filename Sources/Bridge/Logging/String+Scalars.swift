extension String {
    /// With each occurrence of a scalar replaced. `replacing(_:with:)` sees characters, in which what combines with the
    /// scalar hides it.
    public func replacingScalars(_ wanted: Unicode.Scalar, with replacement: String) -> String {
        var result = ""
        for scalar in unicodeScalars {
            if scalar == wanted { result += replacement } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }
}
