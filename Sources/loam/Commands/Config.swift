import ArgumentParser
import DeviceRuntime
import FoundationEssentials

/// `loam config`: what a device is told to do, and whether it can.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check, show or explain the configuration.",
    subcommands: [Check.self, Show.self, Keys.self])

  /// `loam config check`.
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what is wrong with the configuration and what would happen with it.",
      discussion: "Exit code 1 says that something is wrong.")

    @OptionGroup var source: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Report: Encodable {
      var file: String?
      var problems: [String]
      var warnings: [String]
      var checks: [ConfigurationCheck.Row]
      var ok: Bool
    }

    func run() throws {
      let reading = source.read()
      let check = ConfigurationCheck(
        reading.configuration, environment: ProcessInfo.processInfo.environment)
      let ok = reading.problems.isEmpty && check.rows.allSatisfy(\.ok)
      if json {
        try printJSON(
          Report(
            file: source.path, problems: reading.problems, warnings: reading.warnings,
            checks: check.rows, ok: ok))
      } else {
        print("file             " + (source.path ?? "none"))
        for problem in reading.problems { print("wrong            \(problem)") }
        for warning in reading.warnings { print("note             \(warning)") }
        for row in check.rows {
          print(columnText(row.key, 17, left: true) + (row.ok ? "ok     " : "wrong  ") + row.found)
        }
      }
      if !ok { throw ExitCode(1) }
    }
  }

  /// `loam config show`.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show every key, its value and where that comes from.")

    @OptionGroup var source: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Row: Encodable {
      var key: String
      var value: String
      var from: String
    }

    func run() throws {
      let reading = source.read()
      let rows = reading.values.map {
        Row(key: $0.key.name, value: $0.text, from: $0.origin.description)
      }
      for row in rows {
        if json {
          try printJSON(row)
        } else {
          print(
            columnText(row.key, 26, left: true)
              + columnText(row.value.isEmpty ? "–" : row.value, 30, left: true) + "  " + row.from)
        }
      }
      for warning in reading.warnings { say(warning) }
      do throws(ConfigurationError) { _ = try reading.checked() } catch {
        throw CommandFailure("\(error)")
      }
    }
  }

  /// `loam config keys`.
  struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List every key with its default and what it means.")

    @Flag(help: "Print a configuration file with every key in it.") var yaml = false
    @Flag(help: "Print JSON.") var json = false

    private struct Row: Encodable {
      var key: String
      var form: String
      var `default`: String
      var list: Bool
      var variable: String
      var explanation: String
    }

    func validate() throws {
      if yaml, json { throw ValidationError("--yaml and --json exclude each other; give one") }
    }

    func run() throws {
      if yaml {
        print(ConfigurationTemplate.text, terminator: "")
        return
      }
      for key in ConfigurationKey.all {
        if json {
          try printJSON(
            Row(
              key: key.name, form: key.form, default: key.defaultText, list: key.isList,
              variable: key.variable, explanation: key.explanation))
          continue
        }
        let value = key.defaultText.isEmpty ? "no default" : "default \(key.defaultText)"
        print("\(key.name)  \(key.form); \(value)\n    \(key.explanation)")
      }
    }
  }
}
