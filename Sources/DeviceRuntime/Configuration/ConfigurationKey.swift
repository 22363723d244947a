/// One key of the configuration: its name, what it means, and how its text becomes a value.
///
/// The list `all` is the only place that knows the keys: reading, `loam config keys` and the commented
/// file `Firmware/loam.yaml` all come from it.
package struct ConfigurationKey: Sendable {
  /// What was written for a key.
  package enum Written: Sendable, Hashable {
    case text(String)
    case list([String])
  }

  /// Why a text is no value of its key.
  typealias Problem = ConfigurationValue.Problem

  /// Its dotted name, as in `camera.burst`.
  package let name: String
  /// What may be written, in a few words or as an example.
  package let form: String
  /// What holds when nothing is written, as it would be written; empty for nothing.
  package let defaultText: String
  /// One or more sentences for the file and the help.
  package let explanation: String
  /// Whether it takes a list.
  package let isList: Bool
  /// Puts a value into a configuration; throws what should have been written.
  let apply: @Sendable (inout DeviceConfiguration, Written) throws(Problem) -> Void

  /// The variable of the environment that sets it, as in `LOAM_CAMERA_BURST`.
  package var variable: String {
    "LOAM_" + name.uppercased().split(separator: ".").joined(separator: "_")
  }

  /// A key with one value.
  static func one<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<DeviceConfiguration, Value> & Sendable,
    default defaultText: String = "", form: String, _ explanation: String,
    _ parse: @escaping @Sendable (String) throws(Problem) -> Value
  ) -> ConfigurationKey {
    ConfigurationKey(
      name: name, form: form, defaultText: defaultText, explanation: explanation, isList: false
    ) { configuration, written throws(Problem) in
      guard case .text(let text) = written else {
        throw Problem("give one value, not a list")
      }
      configuration[keyPath: path] = try parse(text)
    }
  }

  /// A key that has no value unless one is written; `none` takes back one that a file sets.
  static func optional<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<DeviceConfiguration, Value?> & Sendable,
    form: String, _ explanation: String,
    _ parse: @escaping @Sendable (String) throws(Problem) -> Value
  ) -> ConfigurationKey {
    one(name, path, form: form, explanation) { text throws(Problem) in
      text == "none" || text.isEmpty ? nil : try parse(text)
    }
  }

  /// A key with a list of at most `most` values; a text is split at its commas, `none` is no value.
  static func list<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<DeviceConfiguration, Value> & Sendable,
    most: Int, form: String, _ explanation: String,
    _ parse: @escaping @Sendable ([String]) throws(Problem) -> Value
  ) -> ConfigurationKey {
    ConfigurationKey(
      name: name, form: form, defaultText: "", explanation: explanation, isList: true
    ) { configuration, written throws(Problem) in
      let items: [String]
      switch written {
      case .text("none"), .text(""): items = []
      case .text(let text): items = pieces(text)
      case .list(let written): items = written
      }
      guard items.count <= most else {
        throw Problem("give at most \(most) values; \(items.count) are too many")
      }
      configuration[keyPath: path] = try parse(items)
    }
  }

  /// `text` at its commas, without the blanks around each piece.
  private static func pieces(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { piece in
      let front = piece.drop { $0 == " " }
      return String(
        front[..<(front.lastIndex { $0 != " " }.map(front.index(after:)) ?? front.startIndex)])
    }
  }
}
