/// Text made safe for those who read it.
enum Quoting {
  /// `text` as one word of a POSIX shell.
  static func shell(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// `text` as one word of rsync's `--rsh`, which doubles a quote to mean it.
  static func rsh(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  /// `text` as one word of a batch of `sftp`, in which it is no pattern either.
  static func batch(_ text: String) -> String {
    var result = "\""
    for character in text.unicodeScalars {
      if character == "\"" || character == "\\" { result += "\\" }
      result.unicodeScalars.append(character)
    }
    return result + "\""
  }
}
