/// A piece of HTML or SVG. What is interpolated as a `String` is escaped, so that a file name can
/// never become a tag; only `Markup` itself goes in as it is.
package struct Markup: ExpressibleByStringInterpolation, Hashable, Sendable {
  /// The text, ready to be written.
  package private(set) var text: String

  /// Markup as it stands in the source code.
  package init(stringLiteral value: String) { text = value }

  /// The parts of a literal, joined.
  package init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// `parts` one after the other, a line each.
  init(lines parts: [Markup]) { text = parts.map(\.text).joined(separator: "\n") }

  static func += (left: inout Markup, right: Markup) { left.text += right.text }

  /// What a literal with values in it is made of.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    /// Room for the literal's own characters.
    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity)
    }

    /// Adds what stands in the source code.
    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// Adds text from outside, escaped.
    package mutating func appendInterpolation(_ value: String) { text += escaped(value) }

    /// Adds markup as it is.
    package mutating func appendInterpolation(_ value: Markup) { text += value.text }

    /// Adds markup, or nothing.
    package mutating func appendInterpolation(_ value: Markup?) { text += value?.text ?? "" }

    /// Adds a whole number.
    package mutating func appendInterpolation(_ value: Int) { text += String(value) }

    /// Adds a coordinate in tenths, with the minus that SVG reads.
    package mutating func appendInterpolation(_ value: Double) {
      text += decimal(value, places: 1, minus: "-")
    }
  }
}

/// `text` with the five characters escaped that mean something in HTML, XML or their attributes.
/// Characters that XML cannot hold (most below the space) become U+FFFD.
func escaped(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
    case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
