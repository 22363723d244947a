internal import CBoard
internal import Glibc

/// Slow hashes of short secrets, by the system's libcrypt (yescrypt).
package enum SecretHash {
  /// What one hash costs: 4 is 8 MiB, and some tens of milliseconds on a board. Each step up doubles
  /// both; a board's memory is why it is not more.
  package static let usualCost = 4

  /// The hash of `secret` with a random salt, in the form of crypt(5): `$y$…`.
  ///
  /// Bytes that a hash of the usual cost takes while it is made.
  package static let byteCount = 1 << (19 + usualCost)

  /// Takes a fraction of a second and 1 MiB × 2^(cost − 1). `nil` when libcrypt refuses, as when there
  /// is no memory, or when `secret` has a byte 0 in it.
  package static func make(_ secret: String, cost: Int = usualCost) -> String? {
    guard !secret.utf8.contains(0) else { return nil }
    var hash = [CChar](repeating: 0, count: 512)
    let result = unsafe cboard_secret_hash(secret, UInt32(cost), &hash, hash.count)
    guard result == 0 else { return nil }
    return String(decoding: hash.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether `secret` has `hash`; `nil` when libcrypt cannot tell. Takes as long as `make`.
  package static func matches(_ secret: String, _ hash: String) -> Bool? {
    guard !secret.utf8.contains(0) else { return false }
    let result = unsafe cboard_secret_matches(secret, hash)
    return result < 0 ? nil : result == 1
  }
}
