/// Where bundles are sent to: `ssh://user@host[:port]/path`.
///
/// The path is absolute; `/~/path` is below the user's home. `%20` and the like stand for the byte, as in
/// every URL. It may hold any visible character but `{`, also quotes, spaces and `$(…)`: no shell ever reads it.
package struct Destination: Hashable, Sendable, CustomStringConvertible {
  /// Longest path.
  static let longestPath = 1024

  /// `nil` for the user's own configuration of OpenSSH to decide.
  package let user: String?
  /// A name or an address; an IPv6 address without its brackets.
  package let host: String
  /// `nil` for the configuration to decide.
  package let port: Int?
  /// Absolute, or relative to the home folder and then beginning with `./`.
  package let path: String

  /// The destination written in `text`; throws `badDestination`.
  package init(_ text: String) throws(SyncError) {
    func bad(_ why: String) -> SyncError {
      SyncError(
        .badDestination, step: "reading '\(shown(text))'",
        why + "; write it as ssh://user@host/folder or ssh://user@host:port/folder")
    }
    guard text.utf8.count <= 2 * Self.longestPath else { throw bad("it is too long") }
    guard text.hasPrefix("ssh://") else { throw bad("expected it to begin with ssh://") }
    let rest = text.dropFirst(6)
    guard let slash = rest.firstIndex(of: "/") else { throw bad("a folder is missing") }
    var authority = rest[..<slash]
    if let at = authority.lastIndex(of: "@") {
      let name = String(authority[..<at])
      authority = authority[authority.index(after: at)...]
      if name.contains(":") { throw bad("a password does not belong here: use a key") }
      guard Self.isPlain(name, also: "._+-") else { throw bad("'\(shown(name))' is no user") }
      user = name
    } else {
      user = nil
    }
    var portText: Substring?
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      host = String(authority[authority.index(after: authority.startIndex)..<end])
      let after = authority[authority.index(after: end)...]
      guard after.isEmpty || after.hasPrefix(":") else { throw bad("something follows the ']'") }
      portText = after.isEmpty ? nil : after.dropFirst()
      guard Self.isPlain(host, also: ":.%_-", first: ":"), host.contains(":") else {
        throw bad("'\(shown(host))' is no IPv6 address")
      }
    } else {
      let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2 else { throw bad("an IPv6 address is written in brackets, [::1]") }
      host = String(parts[0])
      portText = parts.count == 2 ? parts[1] : nil
      guard Self.isPlain(host, also: "._-") else { throw bad("'\(shown(host))' is no host") }
    }
    if let portText {
      guard let number = Int(portText), portText.allSatisfy(\.isNumber),
        (1...65535).contains(number)
      else { throw bad("'\(shown(portText))' is no port from 1 to 65535") }
      port = number
    } else {
      port = nil
    }
    path = try Self.path(rest[slash...], bad)
  }

  private static func path(
    _ text: Substring, _ bad: (String) -> SyncError
  ) throws(SyncError) -> String {
    var bytes: [UInt8] = []
    var iterator = text.utf8.makeIterator()
    while let byte = iterator.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = iterator.next(), let low = iterator.next(), high != 0x2B, high != 0x2D,
        let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
      else { throw bad("a '%' needs two hexadecimal digits (%25 is the '%' itself)") }
      bytes.append(value)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw bad("the path is no UTF-8")
    }
    for scalar in decoded.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator, .format:
        throw bad("a control character is in the path")
      default: break
      }
    }
    // sftp makes several names of it, even between quotes.
    guard !decoded.contains("{") else { throw bad("sftp cannot take a '{' in the path") }
    guard decoded.utf8.count <= longestPath else {
      throw bad("the path has \(decoded.utf8.count) B, at most \(longestPath) are taken")
    }
    let parts = decoded.split(separator: "/").map(String.init)
    guard !parts.contains("..") else { throw bad("'..' is in the path") }
    if parts.first == "~" {
      let below = parts.dropFirst()
      return below.isEmpty ? "." : "./" + below.joined(separator: "/")
    }
    guard !parts.isEmpty else { throw bad("the path names no folder but the root") }
    return "/" + parts.joined(separator: "/")
  }

  /// Whether `text` is made of ASCII letters, digits and `also`, and begins with one of the former (or `first`).
  private static func isPlain(_ text: String, also: String, first: String = "") -> Bool {
    func isPlain(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
    guard let start = text.utf8.first, text.utf8.count <= 255 else { return false }
    return (isPlain(start) || first.utf8.contains(start))
      && text.utf8.allSatisfy { isPlain($0) || also.utf8.contains($0) }
  }

  package var description: String {
    let name = host.contains(":") ? "[\(host)]" : host
    var text = "ssh://"
    if let user { text += user + "@" }
    text += name
    if let port { text += ":\(port)" }
    return text + (path.hasPrefix("/") ? path : "/~/" + String(path.dropFirst(2)))
  }
}
