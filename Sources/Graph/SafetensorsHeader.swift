import Tensors

/// The JSON at the head of a safetensors file: an entry for each tensor, and strings.
struct SafetensorsHeader: Encodable {
  /// Where one tensor lies; offsets count from the end of the header.
  struct Entry: Encodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Tensors that only fill the gaps which alignment leaves are called this and a number; readers skip them.
  static let paddingPrefix = "__pad"
  /// Whether `name` is that of such a tensor, and not of a constant that happens to begin so.
  static func isPadding(_ name: String) -> Bool {
    name.hasPrefix(paddingPrefix)
      && name.utf8.dropFirst(paddingPrefix.utf8.count).allSatisfy { (48...57).contains($0) }
  }
  private static let metadataKey = "__metadata__"

  var entries: [String: Entry]
  var metadata: [String: String]

  /// A header of `entries` and `metadata`.
  init(entries: [String: Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  /// Writes the metadata and every entry.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(metadata, forKey: Key(Self.metadataKey))
    for (name, entry) in entries { try container.encode(entry, forKey: Key(name)) }
  }
}

/// The same as it is read: names by number, and of the metadata what Loam put there.
struct SafetensorsReading {
  /// One tensor.
  struct Entry {
    /// Its name's number in the reader's table.
    var name = 0
    var dtype = ""
    var shape: [Int] = []
    var offsets: [Int] = []
  }

  /// In the order of the file's header.
  var entries: [Entry] = []
  /// The text of the metadata's `loam`.
  var record: [UInt8]?

  /// The header that `json` holds; throws on an entry of another form.
  init(_ json: inout JSONReader) throws(JSONError) {
    var hasMetadata = false
    try json.object(comparesNames: false) { (json, key) throws(JSONError) in
      if key == "__metadata__" {
        if hasMetadata { throw json.twice(key) }
        hasMetadata = true
        try json.object { (json, key) throws(JSONError) in
          if key == "loam" { record = try json.text() } else { _ = try json.string() }
        }
      } else {
        let name = json.number(of: key)
        // Nothing else has a number yet.
        guard name == entries.count else { throw json.twice(key) }
        entries.append(try Entry(name: name, &json))
      }
    }
  }
}

extension SafetensorsReading.Entry {
  fileprivate init(name: Int, _ json: inout JSONReader) throws(JSONError) {
    self.init(name: name)
    try json.object(required: ["dtype", "shape", "data_offsets"]) {
      (json, key) throws(JSONError) in
      switch key {
      case "dtype": dtype = try json.string()
      case "shape": shape = try json.array { (json) throws(JSONError) in try json.integer() }
      case "data_offsets":
        offsets = try json.array { (json) throws(JSONError) in try json.integer() }
      default: try json.skip()
      }
    }
  }

  /// Bytes of its elements, or a sentence saying what is wrong with the entry.
  ///
  /// `bodyByteCount` bytes follow the header; `start` is where they begin in the file.
  func validated(start: Int, bodyByteCount: Int) -> Result<(ElementType, Int), Complaint> {
    guard let type = ElementType(rawValue: dtype) else {
      return .failure("type '\(dtype)' is not one of I8, I32, F16, F32")
    }
    guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= bodyByteCount
    else { return .failure("offsets \(offsets) are not inside the \(bodyByteCount) B of data") }
    guard shape.count <= 8, Shape(validating: shape) != nil else {
      return .failure("shape \(shape.prefix(8)) is not valid")
    }
    let byteCount = shape.reduce(1, *) * type.byteCount
    guard byteCount == offsets[1] - offsets[0] else {
      return .failure("\(offsets[1] - offsets[0]) B do not hold \(shape) of \(dtype)")
    }
    guard (start + offsets[0]) % type.byteCount == 0 else {
      return .failure("offset \(offsets[0]) is not aligned for \(dtype)")
    }
    return .success((type, byteCount))
  }

  /// What is wrong, in words.
  struct Complaint: Error, ExpressibleByStringInterpolation {
    var text: String
    init(stringLiteral value: String) { text = value }
  }
}
