/// The file `Firmware/loam.yaml`: every key with its explanation and default, commented out.
package enum ConfigurationTemplate {
  /// Keys that the package sets, because the program alone has no default for them.
  private static let shipped = ["store": "/var/lib/loam/store"]

  /// The whole file.
  package static var text: String {
    var lines = [
      "# Configuration of Loam. Generated from the program's list of keys: `loam config keys --yaml`.",
      "#",
      "# A key that is commented out shows its default, or what a value looks like. The command line",
      "# (--set camera.burst=3) and the environment (LOAM_CAMERA_BURST=3) win over this file.",
      "# `loam config check` says what is wrong and what would happen.",
    ]
    var section = ""
    for key in ConfigurationKey.all {
      let parts = key.name.split(separator: ".").map(String.init)
      let (inner, indent) = parts.count == 2 ? (parts[0], "  ") : ("", "")
      lines.append("")
      if inner != section, !inner.isEmpty { lines.append("\(inner):") }
      section = inner
      for line in wrapped("\(key.explanation) (\(key.form))", width: 96 - indent.utf8.count) {
        lines.append("\(indent)# \(line)")
      }
      let name = parts.last ?? key.name
      if let value = shipped[key.name] {
        lines.append("\(indent)\(name): \(value)")
      } else {
        let value = key.isList ? "[]" : key.defaultText
        lines.append("\(indent)#\(name):" + (value.isEmpty ? "" : " \(value)"))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `text` in lines of at most `width` characters, broken at blanks.
  private static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= width {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
