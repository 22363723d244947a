import Board

/// The PIN of a device's console, as the file `console-pin` in the store's folder keeps it (rights 0600).
///
/// Three lines of text: `loam-pin 1`; `hash` and the hash of crypt(5), yescrypt; `failures` and how many
/// wrong ones came since the last right one. The PIN itself is nowhere. The file is replaced as a whole
/// whenever it changes.
package struct ConsolePin: Hashable, Sendable {
  /// Wrong PINs in a row after which nobody is let in until somebody releases it at the device.
  package static let mostFailures = 10

  /// The hash, in the form of crypt(5).
  package var hash: String
  /// Wrong tries since the last right one.
  package var failures: Int

  /// Where the PIN of the store in `folder` lies.
  package static func path(in folder: String) -> String { "\(folder)/console-pin" }

  /// Whether no more is tried.
  package var isLocked: Bool { failures >= Self.mostFailures }

  /// What is wrong with `pin` as a PIN, in words behind "the PIN"; `nil` if nothing is.
  ///
  /// 4 to 12 digits, or a phrase of 8 to 128 bytes.
  package static func problem(with pin: String) -> String? {
    let isDigits = pin.utf8.allSatisfy { (0x30...0x39).contains($0) }
    if isDigits, (4...12).contains(pin.utf8.count) { return nil }
    if pin.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "has a control character in it"
    }
    if isDigits { return "has \(pin.utf8.count) digits; give 4 to 12, or a phrase" }
    if pin.first == "{" { return "begins with '{', which is kept for scripts" }
    if pin.hasPrefix(" ") || pin.hasSuffix(" ") { return "begins or ends with a space" }
    if !(8...128).contains(pin.utf8.count) {
      return "has \(pin.utf8.count) bytes; give 4 to 12 digits, or a phrase of 8 to 128 bytes"
    }
    return nil
  }

  /// The PIN of the store in `folder`; `nil` before it was provisioned.
  package static func read(in folder: String) throws(ProvisionError) -> ConsolePin? {
    let path = path(in: folder)
    guard let text = try PrivateFile.read(path) else { return nil }
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    guard lines.count == 3, lines.allSatisfy({ $0.count == 2 }), lines[0] == ["loam-pin", "1"],
      lines[1][0] == "hash", lines[1][1].hasPrefix("$"), lines[2][0] == "failures",
      let failures = Int(lines[2][1]), failures >= 0
    else { throw .damaged(path: path, what: "it is not the three lines of a PIN") }
    return ConsolePin(hash: String(lines[1][1]), failures: failures)
  }

  /// Puts it into the store in `folder`, durably.
  package func write(in folder: String) throws(ProvisionError) {
    try PrivateFile.write(
      "loam-pin 1\nhash \(hash)\nfailures \(failures)\n", to: Self.path(in: folder), mode: 0o600)
  }

  /// Gives the store in `folder` the PIN `pin`, and releases a lockout.
  package static func set(_ pin: String, in folder: String) throws(ProvisionError) {
    if let problem = problem(with: pin) { throw .badPin(problem) }
    guard let hash = SecretHash.make(pin) else { throw .hashRefused }
    try ConsolePin(hash: hash, failures: 0).write(in: folder)
  }

  /// A random PIN of `digits` digits.
  package static func random(digits: Int = 6) -> String {
    var generator = SystemRandomNumberGenerator()
    return String(
      (0..<digits).map { _ in Character("\(Int.random(in: 0...9, using: &generator))") })
  }
}
