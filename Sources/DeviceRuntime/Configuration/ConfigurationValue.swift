internal import Board

/// Turns written values into typed ones. Each function throws what to write instead.
enum ConfigurationValue {
  /// Why a text is no value of its key: what is expected, and how it is written.
  struct Problem: Error, CustomStringConvertible {
    let description: String

    /// A problem told by `description`.
    init(_ description: String) { self.description = description }
  }

  /// A whole number in `range`.
  static func whole(_ text: String, in range: ClosedRange<Int>) throws(Problem) -> Int {
    guard let value = Int(text), range.contains(value) else {
      throw Problem("give a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// `yes`, `true`, `on` or the opposite.
  static func boolean(_ text: String) throws(Problem) -> Bool {
    switch text.lowercased() {
    case "true", "yes", "on", "1": return true
    case "false", "no", "off", "0": return false
    default: throw Problem("give true or false")
    }
  }

  /// A number of bytes with its unit, as in `96MiB` or `32GB`.
  static func size(_ text: String) throws(Problem) -> Int {
    let units: [(String, Int)] = [
      ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("KB", 1000),
      ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ]
    for (unit, factor) in units where text.hasSuffix(unit) {
      let number = text.dropLast(unit.count)
      guard let value = decimal(number), value * Double(factor) < 0x1p53 else { break }
      return Int((value * Double(factor)).rounded())
    }
    throw Problem("give a number with its unit, as in 96MiB or 8GiB")
  }

  /// A time with its unit, as in `300ms`, `60s`, `10m` or `24h`, in `range`.
  static func duration(_ text: String, in range: ClosedRange<Duration>) throws(Problem) -> Duration
  {
    let units: [(String, Double)] = [
      ("ms", 0.001), ("min", 60), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400),
    ]
    for (unit, seconds) in units where text.hasSuffix(unit) {
      guard let value = decimal(text.dropLast(unit.count)), value * seconds <= 1e9 else { continue }
      let duration = Duration.milliseconds(Int64((value * seconds * 1000).rounded()))
      guard range.contains(duration) else {
        throw Problem(
          "give a time from \(written(range.lowerBound)) to \(written(range.upperBound))")
      }
      return duration
    }
    if text == "0", range.contains(.zero) { return .zero }
    throw Problem("give a number with its unit, as in 300ms, 60s, 10m or 24h")
  }

  /// A share, written as percent (`10%`, or `10`) from 0 to `most` percent, as 0...1.
  static func percent(_ text: String, most: Double) throws(Problem) -> Double {
    let number = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard let value = decimal(number), value <= most else {
      throw Problem("give percent from 0 to \(Int(most)), as in 10%")
    }
    return value / 100
  }

  /// One of the values of a closed set.
  static func choice<Value: RawRepresentable & CaseIterable>(_ text: String) throws(Problem)
    -> Value where Value.RawValue == String
  {
    if let value = Value(rawValue: text) { return value }
    throw Problem("give one of: " + Value.allCases.map(\.rawValue).joined(separator: ", "))
  }

  /// A text of 1 to `most` bytes without control characters.
  static func text(_ text: String, most: Int = 1024) throws(Problem) -> String {
    guard !text.isEmpty, text.utf8.count <= most,
      text.unicodeScalars.allSatisfy({ $0.value >= 32 && !(127..<160).contains($0.value) })
    else { throw Problem("give a text of 1 to \(most) bytes without control characters") }
    return text
  }

  /// A path.
  static func path(_ text: String) throws(Problem) -> String { try Self.text(text) }

  /// A camera's address.
  static func camera(_ text: String) throws(Problem) -> CameraAddress {
    let text = try Self.text(text)
    do throws(CameraAddressError) {
      return try CameraAddress(text)
    } catch {
      throw Problem("\(error)")
    }
  }

  /// `ssh://[user@]host[:port]/path`.
  static func target(_ text: String) throws(Problem) -> String {
    let rest = try Self.text(text)
    let parts = rest.dropFirst(6).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let host = parts.first?.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
    guard rest.hasPrefix("ssh://"), parts.count == 2, !parts[1].isEmpty, !host.isEmpty,
      // ssh would take such a host or user for an option.
      !host.hasPrefix("-"), !parts[0].hasPrefix("-"), !parts[0].contains(" ")
    else { throw Problem("give ssh://user@host/path") }
    return rest
  }

  /// `duration` as it is written in a file, in the largest unit that leaves no rest.
  static func written(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    for (unit, size) in [("d", Int64(86_400_000)), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
    where milliseconds != 0 && milliseconds % size == 0 { return "\(milliseconds / size)\(unit)" }
    return "\(milliseconds)ms"
  }

  /// A plain decimal number of at least 0: digits and at most one dot.
  private static func decimal(_ text: Substring) -> Double? {
    guard !text.isEmpty, text.utf8.count <= 20,
      text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 })
    else { return nil }
    return Double(text)
  }
}
