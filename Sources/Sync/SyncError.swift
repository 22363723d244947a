/// Why a bundle could not be read, checked or sent: what failed, what was found, what to do next.
package struct SyncError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong, for programs and tests.
  package enum Kind: String, Hashable, Sendable, Codable {
    /// The destination as it was written cannot be used.
    case badDestination
    /// No connection: name, address or port.
    case unreachable
    case hostKeyUnknown, hostKeyChanged, keyRefused
    /// No space left there.
    case diskFull
    /// The path there does not exist or cannot be written.
    case notWritable
    /// The connection broke; what arrived is kept and used by the next run.
    case interrupted
    case timeLimit
    /// Another bundle of the same name is there.
    case differentBundle
    /// The bundle here is not what its manifest says.
    case damagedBundle
    /// What arrived is not what was sent.
    case mismatch
    /// Another process works on the same outbox.
    case locked
    /// A program that is needed is not installed here.
    case toolMissing
    /// A file or folder here cannot be read or written.
    case localFile
    /// Anything else that the other side says.
    case remote
  }

  package var kind: Kind
  /// What was being done.
  package var step: String
  /// What was found, and what to do.
  package var text: String

  /// A failure of `kind` in `step`.
  package init(_ kind: Kind, step: String, _ text: String) {
    self.kind = kind
    self.step = step
    self.text = text
  }

  package var description: String { "\(step): \(text)" }

  /// Whether it concerns one bundle only, so that the others can be sent nevertheless.
  package var spoilsOneBundle: Bool {
    kind == .differentBundle || kind == .damagedBundle || kind == .mismatch
  }
}

/// `text` for people: nothing that steers a terminal, at most `limit` characters.
func shown(_ text: some StringProtocol, limit: Int = 200) -> String {
  var result = ""
  for scalar in text.unicodeScalars.prefix(limit) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      result += "\\u{\(String(scalar.value, radix: 16))}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return text.unicodeScalars.count > limit ? result + "…" : result
}
