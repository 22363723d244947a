/// Where photos come from, as it is written in the settings.
package enum CameraAddress: Hashable, Sendable, CustomStringConvertible {
  /// `dir:/path`: a folder in which photos arrive.
  case folder(String)
  /// `v4l2:/dev/v4l/by-id/…`: a camera of the kernel, by its stable path.
  case device(String)
  /// `exec:COMMAND …`: a command that prints JPEG pictures; its words, at least one.
  case command([String])
  /// `stdin`: JPEG pictures that arrive on standard input.
  case standardInput

  /// Reads an address; throws when it is none, saying what was meant where that can be guessed.
  package init(_ text: String) throws(CameraAddressError) {
    guard !text.utf8.contains(0) else { throw .holdsNull }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count == 2 ? String(parts[1]) : nil
    switch (String(parts.first ?? ""), rest) {
    case ("stdin", nil), ("stdin", ""): self = .standardInput
    case ("stdin", let rest?): throw .surplus(scheme: "stdin", found: rest)
    case ("dir", let path?):
      guard !path.isEmpty else { throw .nothingAfter(scheme: "dir", example: "dir:/photos") }
      self = .folder(path)
    case ("v4l2", let path?):
      guard path.hasPrefix("/") else { throw .noPath(found: path) }
      self = .device(path)
    case ("exec", let command?):
      do throws(CommandWordsError) {
        self = .command(try commandWords(command))
      } catch {
        throw .badCommand(command, error)
      }
    default: throw .unknown(found: text, meant: Self.nearest(to: text))
    }
  }

  /// The address as it is written; reading it gives the same address.
  package var description: String {
    switch self {
    case .folder(let path): "dir:\(path)"
    case .device(let path): "v4l2:\(path)"
    case .command(let words): "exec:" + words.map(Self.quoted).joined(separator: " ")
    case .standardInput: "stdin"
    }
  }

  /// What is better about another way of writing this address, if anything is.
  package var advice: String? {
    guard case .device(let path) = self, path.hasPrefix("/dev/video") else { return nil }
    return "'\(path)' may name another camera after the next start; give the path under "
      + "/dev/v4l/by-id or /dev/v4l/by-path that leads to it"
  }

  private static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=,:+@%".contains($0))
    }
    if plain, !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}

extension CameraAddress {
  /// Other words for the schemes that people try.
  private static let synonyms = [
    "folder": "dir", "file": "dir", "directory": "dir", "path": "dir", "video": "v4l2",
    "usb": "v4l2", "camera": "v4l2", "dev": "v4l2", "cmd": "exec", "command": "exec",
    "run": "exec", "sh": "exec", "pipe": "exec", "-": "stdin", "standardinput": "stdin",
  ]

  /// What `text` may have been meant to be, written out, if it is near to an address.
  static func nearest(to text: String) -> String? {
    if text.hasPrefix("/dev/") { return "v4l2:" + text }
    if text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("~") { return "dir:" + text }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let scheme = String(parts.first ?? "").lowercased()
    let rest = parts.count == 2 ? String(parts[1]) : ""
    let schemes = ["dir", "v4l2", "exec", "stdin"]
    let best =
      synonyms[scheme]
      ?? schemes.map { ($0, distance(scheme, $0)) }.filter { $0.1 <= 2 && $0.1 < $0.0.count }
      .min { $0.1 < $1.1 }?.0
    guard let best else { return nil }
    if best == "stdin" { return best }
    return best + ":" + (rest.isEmpty ? "…" : rest)
  }

  /// How many letters have to be put in, taken out or replaced to make `b` of `a`.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.utf8.prefix(32)), Array(b.utf8))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}

/// Why a text is no camera's address.
package enum CameraAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknown(found: String, meant: String?)
  case nothingAfter(scheme: String, example: String)
  case surplus(scheme: String, found: String)
  case noPath(found: String)
  case badCommand(String, CommandWordsError)
  case holdsNull

  package var description: String {
    switch self {
    case .unknown(let found, let meant):
      "'\(found)' is no camera; expected dir:FOLDER, v4l2:/dev/v4l/by-id/…, exec:COMMAND or stdin"
        + (meant.map { "; did you mean '\($0)'?" } ?? ": use one of these")
    case .nothingAfter(let scheme, let example):
      "the camera '\(scheme):' names nothing; expected as in '\(example)': add what is missing"
    case .surplus(let scheme, let found):
      "the camera '\(scheme)' takes nothing after it, found '\(found)'; remove it"
    case .noPath(let found):
      "'\(found)' is no path of a camera; give one that begins with '/', such as "
        + "v4l2:/dev/v4l/by-id/usb-…-video-index0"
    case .badCommand(let command, .empty):
      "the camera 'exec:\(command)' names no command; give one that prints JPEG pictures, such as "
        + "exec:rpicam-vid --codec mjpeg --timeout 0 --output -"
    case .badCommand(let command, .open(let quote)):
      "the command '\(command)' opens \(quote) and does not close it; add the missing one"
    case .badCommand(let command, .needsShell(let word)):
      "the command '\(command)' has '\(word)', which only a shell understands; no shell is used: "
        + "quote it, or use exec:sh -c '…'"
    case .holdsNull:
      "the camera's address holds a zero byte; remove it"
    }
  }
}
