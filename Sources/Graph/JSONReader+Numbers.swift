extension JSONReader {
  /// Reads a whole number without fraction or exponent.
  mutating func integer<Value: FixedWidthInteger>() throws(JSONError) -> Value {
    let text = try unsafe number()
    let isNegative = unsafe text[0] == UInt8(ascii: "-")
    var magnitude: UInt64 = 0
    for index in (isNegative ? 1 : 0)..<text.count {
      let digit = unsafe UInt64(text[index] &- UInt8(ascii: "0"))
      let (product, isTooMuch) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, isTooMuchMore) = product.addingReportingOverflow(digit)
      guard digit < 10, !isTooMuch, !isTooMuchMore else { throw unsafe unfitting(text, Value.self) }
      magnitude = sum
    }
    // The least number has no positive counterpart of its width.
    let value =
      isNegative
      ? Int64(exactly: magnitude).flatMap { Value(exactly: -$0) }
        ?? (magnitude == 1 << 63 ? Value(exactly: Int64.min) : nil)
      : Value(exactly: magnitude)
    guard let value else { throw unsafe unfitting(text, Value.self) }
    return value
  }

  private func unfitting<Value: FixedWidthInteger>(
    _ text: UnsafeBufferPointer<UInt8>, _: Value.Type
  ) -> JSONError {
    let start = unsafe String(decoding: text.prefix(40), as: UTF8.self)
    return error("\(start) is not a whole number that fits \(Value.bitWidth) bits")
  }

  /// Reads a number, rounded to the nearest fp32; one that is too large for it is an error.
  mutating func float() throws(JSONError) -> Float {
    let bytes = try unsafe number()
    if let value = unsafe Self.simpleFloat(bytes) { return value }
    let text = unsafe String(decoding: bytes, as: UTF8.self)
    guard let value = Float(text), value.isFinite else {
      throw error("\(text.prefix(40)) does not fit fp32")
    }
    return value
  }

  /// The fp32 nearest to a number of few digits; `nil` where that takes more than one division.
  ///
  /// The digits as a whole number and the power of ten are exact in fp64, so the quotient is the fp64 nearest to
  /// the number. Rounding it again to fp32 gives the nearest fp32 unless it lies half way between two: the number
  /// itself might lie on either side.
  @unsafe private static func simpleFloat(_ text: UnsafeBufferPointer<UInt8>) -> Float? {
    var (mantissa, decimals, hasPoint) = (UInt64(0), 0, false)
    let isNegative = unsafe text.first == UInt8(ascii: "-")
    for index in (isNegative ? 1 : 0)..<text.count {
      let byte = unsafe text[index]
      if byte == UInt8(ascii: ".") {
        hasPoint = true
        continue
      }
      let digit = UInt64(byte &- UInt8(ascii: "0"))
      guard digit < 10, mantissa < 1 << 49 else { return nil }
      mantissa = mantissa * 10 + digit
      if hasPoint { decimals += 1 }
    }
    guard mantissa < 1 << 53, decimals < powersOfTen.count else { return nil }
    let exact = Double(mantissa) / powersOfTen[decimals]
    let half: UInt64 = 1 << 28
    guard exact == 0 || exact >= Double(Float.leastNormalMagnitude),
      exact.bitPattern & (2 * half - 1) != half
    else { return nil }
    let value = Float(exact)
    return value.isFinite ? (isNegative ? -value : value) : nil
  }

  /// Those that fp64 has exactly.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// The text of a number, of the grammar's form.
  mutating func number() throws(JSONError) -> UnsafeBufferPointer<UInt8> {
    _ = next
    let start = place
    skip(UInt8(ascii: "-"))
    let first = place
    let whole = skipDigits()
    let hasFraction = skip(UInt8(ascii: "."))
    let fraction = hasFraction ? skipDigits() : 1
    var exponent = 1
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { skip(UInt8(ascii: "-")) }
      exponent = skipDigits()
    }
    guard whole > 0, fraction > 0, exponent > 0,
      unsafe whole == 1 || bytes[first] != UInt8(ascii: "0")
    else {
      throw error("a number is expected")
    }
    return unsafe bytes.extracting(start..<place)
  }

  private mutating func skipDigits() -> Int {
    let start = place
    while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return place - start
  }
}
