/// What is wrong with a name that a person gave.
package enum NameProblem: Hashable, Sendable, CustomStringConvertible {
  case empty
  case tooLong(characters: Int)
  case tooManyBytes(Int)
  case forbidden(codePoint: UInt32)

  package var description: String {
    switch self {
    case .empty: "a name needs at least one visible character"
    case .tooLong(let count):
      "a name has at most \(Name.longest) characters, \(count) were given; shorten it"
    case .tooManyBytes(let count):
      "a name takes at most \(Name.mostBytes) B in UTF-8, \(count) were given; shorten it"
    case .forbidden(let codePoint):
      "a name holds visible characters and spaces only, not U+"
        + String(repeating: "0", count: max(0, 4 - String(codePoint, radix: 16).count))
        + String(codePoint, radix: 16, uppercase: true)
    }
  }
}

/// A name of a class or an operator: 1 to 64 visible characters that cannot steer a terminal.
///
/// Spaces at the ends go, runs of spaces become one. Control and format characters (so escape
/// sequences and changes of writing direction), line separators and unassigned code points are
/// refused.
package struct Name: Hashable, Sendable, CustomStringConvertible {
  /// Most characters of a name.
  package static let longest = 64
  /// Most bytes of a name: a character may pile up marks without end.
  package static let mostBytes = 512

  /// The name as it is shown.
  package let text: String

  /// The name in `text`; throws `StoreError.badName` when it cannot be one.
  package init(_ text: String) throws(StoreError) {
    guard text.utf8.count <= 4 * Self.mostBytes else {
      throw .badName(.tooManyBytes(text.utf8.count))
    }
    var words: [String] = [""]
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .spaceSeparator: words.append("")
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator:
        throw .badName(.forbidden(codePoint: scalar.value))
      default: words[words.count - 1].unicodeScalars.append(scalar)
      }
    }
    let joined = words.filter { !$0.isEmpty }.joined(separator: " ")
    guard !joined.isEmpty else { throw .badName(.empty) }
    guard joined.count <= Self.longest else { throw .badName(.tooLong(characters: joined.count)) }
    guard joined.utf8.count <= Self.mostBytes else {
      throw .badName(.tooManyBytes(joined.utf8.count))
    }
    self.text = joined
  }

  package var description: String { text }

  /// What two names that count as one share. Compare as strings, which joins composed and
  /// decomposed forms.
  package var folded: String { text.lowercased() }
}
