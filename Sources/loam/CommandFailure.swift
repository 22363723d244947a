import ArgumentParser
import DeviceRuntime
import FoundationEssentials
import Kernels

/// The work failed or its input was bad: a sentence for the user, exit code 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String

  /// A failure told by `description`: what, found, expected, next step.
  init(_ description: String) {
    self.description = description
  }
}

/// Refuses a number of threads that cannot be had; `nil` leaves it to the program.
func checkThreads(_ threads: Int?) throws {
  guard let threads, !(1...Team.greatestCount).contains(threads) else { return }
  throw ValidationError(
    "--threads is \(threads); give a whole number from 1 to \(Team.greatestCount)")
}

/// Lines of a file, or of standard input for `-`, one at a time.
struct LineSource {
  /// The file as shown to people.
  let name: String
  private let read: () -> String?

  /// The lines of the file at `path`; throws if it cannot be read or is no UTF-8 text.
  init(_ path: String) throws {
    if path == "-" {
      name = "standard input"
      read = { readLine(strippingNewline: true) }
      return
    }
    name = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw CommandFailure(unreadable(path, expected: "a file of JSON lines"))
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("\(path): not UTF-8 text; expected a file of JSON lines")
    }
    var rest = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)[...]
    read = { rest.popFirst().map(String.init) }
  }

  /// The next line, or `nil` at the end.
  func next() -> String? { read() }
}

/// Why the file at `path` cannot be read, and what to do.
func unreadable(_ path: String, expected: String) -> String {
  var isDirectory = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
    return "\(path): there is no such file; give the path of \(expected)"
  }
  return isDirectory
    ? "\(path): is a folder; give the path of \(expected)"
    : "\(path): cannot be read; check its permissions"
}

/// `text` in a column of `width` characters.
func columnText(_ text: String, _ width: Int, left: Bool = false) -> String {
  left ? filled(text, width) : padded(text, width)
}

/// `value` with two decimals in a column of `width` characters.
func figure(_ value: Double, _ width: Int, places: Int = 2) -> String {
  padded(decimal(value, places), width)
}
