internal import Board
internal import Configuration

/// The configuration as it was put together: values, where each came from, what is wrong.
///
/// Precedence: settings of the command line, then the environment, then the file, then defaults.
package struct ConfigurationReading: Sendable {
  /// Where a value came from.
  package enum Origin: Sendable, Hashable, CustomStringConvertible {
    case setting
    case environment(variable: String)
    case file(path: String, line: Int)
    case standard

    /// As it is shown: `--set`, the variable, the file's line, or `default`.
    package var description: String {
      switch self {
      case .setting: "--set"
      case .environment(let variable): variable
      case .file(let path, let line): "\(path):\(line)"
      case .standard: "default"
      }
    }
  }

  /// One key as it holds.
  package struct Value: Sendable {
    package var key: ConfigurationKey
    /// As it was written, a list with commas; empty for nothing.
    package var text: String
    package var origin: Origin
  }

  /// The configuration; keys with a problem have their default.
  package private(set) var configuration = DeviceConfiguration()
  /// Every key in the order of `ConfigurationKey.all`.
  package private(set) var values: [Value] = []
  /// What is wrong, each with what to do; empty if the configuration can be used.
  package private(set) var problems: [String] = []
  /// What looks wrong but is no configuration key's business.
  package private(set) var warnings: [String] = []

  /// Variables that begin with `LOAM_` and are no key.
  static let otherVariables = ["LOAM_CPU", "LOAM_CONFIG"]

  /// Reads everything; never fails, see `problems`.
  ///
  /// - Parameters:
  ///   - file: path of the YAML file, or `nil` for none.
  ///   - environment: the process's environment.
  ///   - settings: `key=value` each, the later of one key win.
  package init(file: String?, environment: [String: String], settings: [String]) {
    let given = Self.split(settings, problems: &problems)
    let contents = file.map { ConfigurationFile(path: $0) }
    problems += contents?.problems ?? []
    checkNames(given: given, entries: contents?.entries ?? [], file: file ?? "")
    warn(environment)

    let providers: [any ConfigProvider] = [
      InMemoryProvider(
        name: "--set", values: Self.dictionary(given.map { ($0.key, .text($0.text)) })),
      EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "loam"),
      InMemoryProvider(
        name: file, values: Self.dictionary((contents?.entries ?? []).map { ($0.key, $0.written) })),
    ]
    for key in ConfigurationKey.all {
      let found = Self.find(key, in: providers)
      let origin: Origin =
        switch found?.place {
        case 0: .setting
        case 1: .environment(variable: key.variable)
        case 2:
          .file(path: file ?? "", line: contents?.entries.first { $0.key == key.name }?.line ?? 0)
        default: .standard
        }
      take(found?.written ?? .text(key.defaultText), for: key, from: origin)
    }
    // With a key missing, what it should go with would be told twice.
    if problems.isEmpty { problems += configuration.contradictions }
  }

  /// The configuration, if nothing is wrong with it.
  package func checked() throws(ConfigurationError) -> DeviceConfiguration {
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
    return configuration
  }

  private mutating func take(
    _ written: ConfigurationKey.Written, for key: ConfigurationKey, from origin: Origin
  ) {
    let text =
      switch written {
      case .text(let text): text
      case .list(let items): items.joined(separator: ", ")
      }
    values.append(Value(key: key, text: text, origin: origin))
    do throws(ConfigurationKey.Problem) {
      try key.apply(&configuration, written)
    } catch {
      problems.append("\(origin): \(key.name) is \(shown(text)); \(error)")
    }
  }

  /// The first of `providers` that has `key`, and what it says.
  private static func find(_ key: ConfigurationKey, in providers: [any ConfigProvider]) -> (
    place: Int, written: ConfigurationKey.Written
  )? {
    let path = AbsoluteConfigKey(key.name.split(separator: ".").map(String.init))
    for (place, provider) in providers.enumerated() {
      if let text = try? provider.value(forKey: path, type: .string).value?.content,
        case .string(let text) = text
      {
        return (place, .text(text))
      }
      if let items = try? provider.value(forKey: path, type: .stringArray).value?.content,
        case .stringArray(let items) = items
      {
        return (place, .list(items))
      }
    }
    return nil
  }

  private static func dictionary(_ entries: [(key: String, written: ConfigurationKey.Written)])
    -> [AbsoluteConfigKey: ConfigValue]
  {
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (key, written) in entries {
      let content: ConfigContent =
        switch written {
        case .text(let text): .string(text)
        case .list(let items): .stringArray(items)
        }
      values[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] = ConfigValue(
        content, isSecret: false)
    }
    return values
  }

  private static func split(_ settings: [String], problems: inout [String]) -> [(
    key: String, text: String
  )] {
    settings.compactMap { setting in
      let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        problems.append("--set \(shown(setting)): write key=value, as in camera.burst=3")
        return nil
      }
      return (String(parts[0]), String(parts[1]))
    }
  }

  private mutating func checkNames(
    given: [(key: String, text: String)], entries: [ConfigurationFile.Entry], file: String
  ) {
    let names = ConfigurationKey.all.map(\.name)
    let known = Set(names)
    let strangers =
      given.map { ("--set", $0.key) } + entries.map { ("\(file):\($0.line)", $0.key) }
    for (place, name) in strangers where !known.contains(name) {
      problems.append(
        "\(place): there is no key \(shown(name)); " + Self.advice(name, among: names))
    }
  }

  private mutating func warn(_ environment: [String: String]) {
    let variables = ConfigurationKey.all.map(\.variable)
    let known = Set(variables + Self.otherVariables)
    for name in environment.keys.sorted() where name.hasPrefix("LOAM_") && !known.contains(name) {
      warnings.append(
        "the variable \(shown(name)) sets nothing; " + Self.advice(name, among: variables))
    }
  }

  private static func advice(_ name: String, among names: [String]) -> String {
    guard let nearest = NearestName.of(name, in: names).first else {
      return "`loam config keys` lists them all"
    }
    return "did you mean \(nearest)? `loam config keys` lists them all"
  }
}

/// Everything that is wrong with a configuration.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// One sentence each, with where it stands and what to write instead; not empty.
  package let problems: [String]

  /// All problems, one a line.
  package var description: String {
    let count = problems.count == 1 ? "one problem" : "\(problems.count) problems"
    return "the configuration has \(count):\n" + problems.map { "  " + $0 }.joined(separator: "\n")
  }
}
