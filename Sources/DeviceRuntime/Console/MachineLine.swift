import FoundationEssentials

/// A value of JSON, for lines whose form is known only when they are read.
indirect enum JSONValue: Codable, Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  var text: String? { if case .string(let value) = self { value } else { nil } }
  var whole: Int64? { if case .integer(let value) = self { value } else { nil } }
  var members: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

  static func optional(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }

  static func error(code: String, _ message: String, id: JSONValue?) -> JSONValue {
    var members: [String: JSONValue] = [
      "error": .object(["code": .string(code), "message": .string(message)])
    ]
    members["id"] = id
    return .object(members)
  }

  /// The value on one line of ASCII with sorted keys, without the line's end.
  ///
  /// No byte of it is a control or beyond ASCII, whatever a class is called, so that it does no terminal
  /// any harm and survives a line of seven bits.
  var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else {
      return #"{"error":{"code":"internal","message":"the answer has no form in JSON"}}"#
    }
    var text = ""
    for unit in String(decoding: data, as: UTF8.self).utf16 {
      if (0x20...0x7E).contains(unit), let scalar = Unicode.Scalar(unit) {
        text.unicodeScalars.append(scalar)
      } else {
        let digits = String(unit, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return text
  }
}

/// One line of a script: an object with what to `do`, an `id` that comes back, and what it needs.
struct MachineRequest {
  var id: JSONValue?
  var members: [String: JSONValue]

  /// The request in `line`; `nil` when it is no object of JSON.
  static func read(_ line: [UInt8]) -> MachineRequest? {
    // Nesting is bounded by the decoder, length by whoever gathers the line.
    guard line.count <= MachineInput.longestLine,
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(line)),
      let members = value.members
    else { return nil }
    return MachineRequest(id: members["id"], members: members)
  }

  var verb: String? { members["do"]?.text }
  var pin: String? { members["pin"]?.text }
  var mode: String? { members["mode"]?.text }
  var candidate: Int64? { members["candidate"]?.whole }
}

/// Gathers a script's bytes into lines; one that is too long is thrown away as a whole.
struct MachineInput {
  /// The most bytes of a line.
  static let longestLine = 4096

  /// What a line's end made of the bytes before it.
  enum Line: Equatable {
    case whole([UInt8])
    case tooLong
  }

  private var bytes: [UInt8] = []
  private var isTooLong = false

  /// The lines that `more` completes. That a line is too long is said once, when it becomes so.
  mutating func take(_ more: [UInt8]) -> [Line] {
    var lines: [Line] = []
    for byte in more {
      if byte == 0x0A || byte == 0x0D {
        if !isTooLong, !bytes.isEmpty { lines.append(.whole(bytes)) }
        bytes = []
        isTooLong = false
      } else if bytes.count < Self.longestLine {
        if !isTooLong { bytes.append(byte) }
      } else if !isTooLong {
        isTooLong = true
        lines.append(.tooLong)
        bytes = []
      }
    }
    return lines
  }
}
