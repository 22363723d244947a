import Glibc

/// Numbers names as they are met: the same name has the same number, and is kept once.
///
/// Names of a model file may be hundreds of bytes long and stand there a dozen times; looking each of them up once,
/// and at numbers from then on, is what keeps loading short. The hash has a key of this table's own, so that nobody
/// can write a file whose names all collide.
struct NameTable: Sendable {
  /// By number.
  private(set) var names: [String] = []
  private var hashes: [UInt64] = []
  /// Numbers + 1 by hash, 0 for a free place; a power of two of them, at most half of them taken.
  private var places: [Int32] = Array(repeating: 0, count: 256)
  /// Numbers by name once a name is not ASCII: names are the same if their characters are, whatever their bytes.
  private var general: GeneralNames?
  private let key = NameHash()

  /// The number of `name`.
  mutating func number(of name: String) -> Int {
    var name = name
    name.makeContiguousUTF8()
    let number = unsafe name.utf8.withContiguousStorageIfAvailable { bytes in
      unsafe self.number(of: bytes, text: name)
    }
    return (number ?? nil) ?? generalNumber(of: name)
  }

  /// The number of the name that is `bytes`; `nil` if they are no UTF-8.
  @unsafe mutating func number(of bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    if let number = unsafe number(of: bytes, text: nil) { return number }
    return unsafe String(validating: bytes, as: UTF8.self).map { generalNumber(of: $0) }
  }

  /// The number of `name` if it has one.
  func known(_ name: String) -> Int? {
    if let general { return general.numbers[name] }
    var name = name
    name.makeContiguousUTF8()
    let number: Int?? = unsafe name.utf8.withContiguousStorageIfAvailable { bytes in
      guard let hash = unsafe key.hash(bytes) else { return nil }
      let place = unsafe self.place(of: bytes, hash)
      return places[place] > 0 ? Int(places[place]) - 1 : nil
    }
    return number ?? nil
  }

  /// The same for ASCII as long as there is nothing else; `nil` otherwise.
  @unsafe private mutating func number(
    of bytes: UnsafeBufferPointer<UInt8>, text: String?
  ) -> Int? {
    guard general == nil, let hash = unsafe key.hash(bytes) else { return nil }
    let place = unsafe place(of: bytes, hash)
    if places[place] > 0 { return Int(places[place]) - 1 }
    let number = names.count
    unsafe names.append(text ?? String(decoding: bytes, as: UTF8.self))
    hashes.append(hash)
    places[place] = Int32(number + 1)
    if names.count * 2 > places.count { grow() }
    return number
  }

  /// Where the name that is `bytes` is found, or belongs.
  @unsafe private func place(of bytes: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
    while places[place] > 0 {
      let number = Int(places[place]) - 1
      if hashes[number] == hash {
        let isEqual = unsafe names[number].utf8.withContiguousStorageIfAvailable { known in
          unsafe known.isSame(as: bytes)
        }
        if isEqual == true { break }
      }
      place = (place + 1) & (places.count - 1)
    }
    return place
  }

  private mutating func grow() {
    places = Array(repeating: 0, count: places.count * 2)
    for (number, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & (places.count - 1)
      while places[place] > 0 { place = (place + 1) & (places.count - 1) }
      places[place] = Int32(number + 1)
    }
  }

  private mutating func generalNumber(of name: String) -> Int {
    if general == nil || !isKnownUniquelyReferenced(&general) {
      let numbers = Dictionary(zip(names, names.indices), uniquingKeysWith: { first, _ in first })
      general = GeneralNames(general?.numbers ?? numbers)
    }
    guard let general else { preconditionFailure("no names") }
    if let number = general.numbers[name] { return number }
    general.numbers[name] = names.count
    names.append(name)
    return names.count - 1
  }
}

/// Numbers by name. Held by reference, since to copy a dictionary its type must be made, which takes longer than all
/// else that a table of plain names does.
private final class GeneralNames: @unchecked Sendable {
  /// Changed only by a table that holds it alone.
  var numbers: [String: Int]

  init(_ numbers: [String: Int]) { self.numbers = numbers }
}

/// A hash of bytes with a key that is drawn anew each time.
struct NameHash: Sendable {
  private let seed: UInt64
  private let secret: UInt64

  /// A hash with a key of its own.
  init() {
    var random = SystemRandomNumberGenerator()
    (seed, secret) = (random.next(), random.next())
  }

  /// The hash of `bytes`; `nil` if they are not ASCII alone.
  @unsafe func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
    let raw = UnsafeRawBufferPointer(bytes)
    var (hash, all, place) = (seed ^ UInt64(bytes.count), UInt64(0), 0)
    while place + 16 <= raw.count {
      let first = unsafe raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
      let second = unsafe raw.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)
      all |= first | second
      hash = Self.mixed(first ^ secret, second ^ hash)
      place += 16
    }
    var rest = (UInt64(0), UInt64(0))
    var shift: UInt64 = 0
    while place < raw.count {
      let byte = unsafe UInt64(raw[place])
      if shift < 64 { rest.0 |= byte << shift } else { rest.1 |= byte << (shift - 64) }
      (shift, place) = (shift + 8, place + 1)
    }
    all |= rest.0 | rest.1
    guard all & 0x8080_8080_8080_8080 == 0 else { return nil }
    return Self.mixed(Self.mixed(rest.0 ^ secret, rest.1 ^ hash), secret)
  }

  private static func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the two hold the same bytes.
  @unsafe func isSame(as other: Self) -> Bool {
    guard count == other.count else { return false }
    guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
    return unsafe memcmp(base, otherBase, count) == 0
  }
}
