/// Parsers for the list of keys: the functions of `ConfigurationValue` with their limits filled in.
extension ConfigurationValue {
  /// Turns a text into a value or says what to write.
  typealias Parser<Value> = @Sendable (String) throws(Problem) -> Value

  /// Whole numbers in `range`.
  static func whole(in range: ClosedRange<Int>) -> Parser<Int> {
    { text throws(Problem) in try whole(text, in: range) }
  }

  /// Times in `range`.
  static func duration(in range: ClosedRange<Duration>) -> Parser<Duration> {
    { text throws(Problem) in try duration(text, in: range) }
  }

  /// Shares of at most `most` percent.
  static func percent(most: Double) -> Parser<Double> {
    { text throws(Problem) in try percent(text, most: most) }
  }

  /// Texts of at most `most` bytes.
  static func text(most: Int) -> Parser<String> {
    { text throws(Problem) in try Self.text(text, most: most) }
  }
}
