import ArgumentParser
import Board
import DeviceRuntime
import FoundationEssentials
import Glibc

/// `loam provision`: who a device is, and its console's PIN.
struct Provision: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a device its key, its name and its console's PIN.",
    discussion: """
      Makes an Ed25519 key (device.key, for this user only), from it the device's number, and writes both \
      with the name to device.pub in the store's folder. Nothing is made anew that is there: run it again \
      to change the name or the PIN, also while the device runs; that releases a lockout. The PIN is 4 to 12 \
      digits or a phrase of at least 8 bytes; only a slow hash of it is kept. There is no default one.
      """)

  @Option(help: "The folder that keeps captures, labels and models; made if it is not there.")
  var store: String

  @Option(help: "What people call the device; loam- and four digits of its number if absent.")
  var name: String?

  @Option(help: "A file whose first line is the PIN.")
  var pinFile: String?

  @Flag(help: "Read the PIN from standard input's first line.")
  var pinStdin = false

  @Flag(help: "Make a PIN of six digits, and print it once.")
  var generatePin = false

  @Flag(help: "Make a new key although there is one; the device gets a new number.")
  var force = false

  @Flag(help: "Print the result as JSON.")
  var json = false

  /// What was made.
  private struct Result: Encodable {
    var id: String
    var name: String
    var public_key: String
    var pin: String?
    var has_pin: Bool
  }

  func validate() throws {
    if [pinFile != nil, pinStdin, generatePin].count(where: { $0 }) > 1 {
      throw ValidationError("give only one of --pin-file, --pin-stdin and --generate-pin")
    }
  }

  func run() throws {
    do {
      let pin = try pin()
      try FileManager.default.createDirectory(atPath: store, withIntermediateDirectories: true)
      let identity = try DeviceIdentity.make(in: store, name: name, replacesKey: force)
      if let pin { try ConsolePin.set(pin, in: store) }
      let hasPin = try ConsolePin.read(in: store) != nil
      let result = Result(
        id: identity.id, name: identity.name, public_key: identity.publicKey,
        pin: generatePin ? pin : nil, has_pin: hasPin)
      if json { return try printJSON(result) }
      print("device  \(identity.id)")
      print("name    \(identity.name)")
      print("key     ed25519 \(identity.publicKey)")
      if generatePin, let pin {
        print("PIN     \(pin)   (shown once; write it down)")
      } else {
        print("PIN     \(pin != nil ? "set" : hasPin ? "as it was" : "none: nobody can log in")")
      }
    } catch let error as ProvisionError {
      throw CommandFailure("\(error)")
    }
  }

  /// The PIN to set; `nil` to leave it as it is.
  private func pin() throws -> String? {
    if generatePin { return ConsolePin.random() }
    if let pinFile {
      guard let data = FileManager.default.contents(atPath: pinFile) else {
        throw CommandFailure(unreadable(pinFile, expected: "a file whose first line is the PIN"))
      }
      return try checked(String(decoding: data.prefix(1024), as: UTF8.self))
    }
    if pinStdin { return try checked(readLine() ?? "") }
    guard UserTerminal.isThere else { return nil }
    if try ConsolePin.read(in: store) != nil, name != nil || force { return nil }
    return try ask()
  }

  /// The first line of `text`, if it may be a PIN.
  private func checked(_ text: String) throws -> String {
    let line = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).first ?? ""
    if let problem = ConsolePin.problem(with: String(line)) {
      throw CommandFailure("the PIN \(problem)")
    }
    return String(line)
  }

  /// Asks twice, without showing what is typed; an empty line leaves the PIN as it is.
  private func ask() throws -> String? {
    let terminal = UserTerminal(.noEcho)
    defer { terminal?.restore() }
    let first = line(
      "PIN for the console (4 to 12 digits, or a phrase; empty leaves it as it is): ")
    if first.isEmpty { return nil }
    let pin = try checked(first)
    guard line("The same again: ") == pin else {
      throw CommandFailure("the two PINs differ; nothing was changed, run it again")
    }
    return pin
  }

  private func line(_ prompt: String) -> String {
    try? FileHandleStandardError.write(prompt)
    defer { say("") }
    return readLine() ?? ""
  }
}
