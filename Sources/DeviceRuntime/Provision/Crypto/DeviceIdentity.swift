import Crypto
import FoundationEssentials

/// Who a device is: a key pair, a number made of it, and a name for people.
///
/// `device.key` holds the private key (Ed25519): the line `loam-key 1` and 32 bytes in Base64; rights 0600,
/// and it leaves the device never. `device.pub` holds the rest for everybody: `loam-device 1`, then `id`,
/// `name` and `key` with their values, one a line, the key as 32 bytes in Base64.
package struct DeviceIdentity: Hashable, Sendable, Codable {
  /// The first 16 hexadecimal digits of the SHA-256 of the public key.
  package let id: String
  /// What people call it: 1 to 40 visible characters.
  package let name: String
  /// The public key, 32 bytes, in Base64.
  package let publicKey: String

  /// Where the private key of the store in `folder` lies.
  package static func keyPath(in folder: String) -> String { "\(folder)/device.key" }
  /// Where its public part lies.
  package static func publicPath(in folder: String) -> String { "\(folder)/device.pub" }

  /// Who the device with the store in `folder` is; `nil` before it was provisioned.
  package static func read(in folder: String) throws(ProvisionError) -> DeviceIdentity? {
    let path = publicPath(in: folder)
    guard let text = try PrivateFile.read(path) else { return nil }
    var values: [Substring: String] = [:]
    let lines = text.split(separator: "\n")
    for line in lines.dropFirst() {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { values[parts[0]] = String(parts[1]) }
    }
    guard lines.first == "loam-device 1", let id = values["id"], let name = values["name"],
      let key = values["key"], let bytes = Data(base64Encoded: key), bytes.count == 32,
      id == identifier(of: bytes), problem(withName: name) == nil
    else { throw .damaged(path: path, what: "it does not name a device and its key") }
    return DeviceIdentity(id: id, name: name, publicKey: key)
  }

  /// Makes a key for the store in `folder` and calls the device `name`, both durable when it returns.
  ///
  /// A device that has a key keeps it, unless `replacesKey`; its name changes if one is given.
  package static func make(
    in folder: String, name: String?, replacesKey: Bool = false
  ) throws(ProvisionError) -> DeviceIdentity {
    if let name, let problem = problem(withName: name) { throw .badName(problem) }
    let known = replacesKey ? nil : try privateKey(in: folder)
    let key: Curve25519.Signing.PrivateKey
    if let known {
      key = known
    } else {
      key = Curve25519.Signing.PrivateKey()
      try PrivateFile.write(
        "loam-key 1\n\(key.rawRepresentation.base64EncodedString())\n", to: keyPath(in: folder),
        mode: 0o600)
    }
    let bytes = key.publicKey.rawRepresentation
    let id = identifier(of: bytes)
    let old = try? read(in: folder)
    let identity = DeviceIdentity(
      id: id, name: name ?? old?.name ?? "loam-\(id.prefix(4))",
      publicKey: bytes.base64EncodedString())
    if identity != old {
      try PrivateFile.write(
        "loam-device 1\nid \(identity.id)\nname \(identity.name)\nkey \(identity.publicKey)\n",
        to: publicPath(in: folder), mode: 0o644)
    }
    return identity
  }

  /// The signature of `bytes` by the device's key, 64 bytes.
  package static func sign(_ bytes: [UInt8], in folder: String) throws -> [UInt8] {
    let path = keyPath(in: folder)
    guard let key = try privateKey(in: folder) else {
      throw ProvisionError.unreadable(
        path: path, why: "there is no key yet; run `loam provision --store \(folder)`")
    }
    return Array(try key.signature(for: Data(bytes)))
  }

  private static func privateKey(
    in folder: String
  ) throws(ProvisionError) -> Curve25519.Signing.PrivateKey? {
    let path = keyPath(in: folder)
    guard let text = try PrivateFile.read(path) else { return nil }
    let lines = text.split(separator: "\n")
    guard lines.count == 2, lines[0] == "loam-key 1",
      let bytes = Data(base64Encoded: String(lines[1])),
      let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes)
    else { throw .damaged(path: path, what: "it is no key") }
    return key
  }

  private static func identifier(of key: Data) -> String {
    String(sha256Text(Array(key)).prefix(16))
  }

  /// What is wrong with `name`, in words behind "the name"; `nil` if nothing is.
  package static func problem(withName name: String) -> String? {
    guard (1...40).contains(name.count), name.utf8.count <= 120 else {
      return "has \(name.count) characters; give 1 to 40"
    }
    guard name.unicodeScalars.allSatisfy(\.isSafeToPrint), name == name.trimmed() else {
      return "has characters in it that cannot be seen, or a space at an end"
    }
    return nil
  }
}
