/// Why a command cannot be split into words.
package enum CommandWordsError: Error, Hashable, Sendable {
  /// There is no word.
  case empty
  /// A quote (or a backslash at the end) is not closed.
  case open(Character)
  /// A word that only a shell understands, such as `|` or `2>log`.
  case needsShell(String)
}

/// The words of a command, as a shell would split them, without a shell: nothing is expanded.
///
/// `'…'` keeps everything; `"…"` keeps everything but `\"` and `\\`; a backslash elsewhere keeps the
/// character after it; `$`, `*` and `~` mean themselves. A word that begins with one of `| & ; < >`,
/// or with a digit and `>`, outside of quotes is refused, because a command with it was meant for a shell.
package func commandWords(_ text: String) throws(CommandWordsError) -> [String] {
  var words: [String] = []
  var word: String?
  var isQuoted = false
  var rest = text[...]

  func finish() throws(CommandWordsError) {
    guard let finished = word else { return }
    if !isQuoted, isForShell(finished) { throw .needsShell(finished) }
    words.append(finished)
    (word, isQuoted) = (nil, false)
  }

  while let character = rest.popFirst() {
    switch character {
    case "'", "\"":
      (word, isQuoted) = (word ?? "", true)
      var isClosed = false
      while let inner = rest.popFirst() {
        if inner == character {
          isClosed = true
          break
        }
        if inner == "\\", character == "\"", let next = rest.first, next == "\"" || next == "\\" {
          word?.append(next)
          rest.removeFirst()
        } else {
          word?.append(inner)
        }
      }
      guard isClosed else { throw .open(character) }
    case "\\":
      guard let next = rest.popFirst() else { throw .open("\\") }
      word = (word ?? "") + String(next)
      isQuoted = true
    case _ where character.isWhitespace: try finish()
    default: word = (word ?? "") + String(character)
    }
  }
  try finish()
  guard let first = words.first, !first.isEmpty else { throw .empty }
  return words
}

/// Whether only a shell could make sense of the unquoted `word`.
private func isForShell(_ word: String) -> Bool {
  let rest = word.drop { $0.isASCII && $0.isNumber }
  guard let first = rest.first else { return false }
  return rest.count == word.count ? "|&;<>".contains(first) : "<>".contains(first)
}
