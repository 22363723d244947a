/// `value` with `places` digits after the point, halves away from 0; "–" for what is no number.
func decimal(_ value: Double, places: Int, minus: String = "−") -> String {
  let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded()
  guard scaled < 1e15 else { return "–" }
  let digits = String(Int(scaled))
  let sign = value < 0 && scaled > 0 ? minus : ""
  guard places > 0 else { return sign + digits }
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  return sign + padded.dropLast(places) + "." + padded.suffix(places)
}

/// A share of 1 in percent, with a space that does not break.
func percent(_ share: Double, places: Int = 1) -> String {
  decimal(share * 100, places: places) + "\u{A0}%"
}

/// A whole number with commas between thousands.
func grouped(_ value: Int) -> String {
  let digits = Array(String(value.magnitude))
  var text = value < 0 ? "−" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0 && (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// "1 seed", "2 seeds": a count with its noun.
func counted(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(grouped(count)) \(count == 1 ? singular : plural ?? singular + "s")"
}

/// `text`, or its beginning and an ellipsis if it is longer than `limit` characters.
func shortened(_ text: String, to limit: Int) -> String {
  text.count <= limit ? text : text.prefix(max(1, limit - 1)) + "…"
}

/// Labels as reported: a whole number, or "not reached".
func labelText(_ labels: Double?) -> String {
  labels.map { grouped(Int($0.rounded())) } ?? "not reached"
}
