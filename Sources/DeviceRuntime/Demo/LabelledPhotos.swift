import FoundationEssentials

/// Why a set of labelled photos could not be used.
package enum LabelledPhotosError: Error, CustomStringConvertible {
  case missing(path: String)
  case noPhotos(path: String)
  case badTable(path: String, line: Int, found: String, expected: String)
  case tooFew(path: String, what: String, found: Int, expected: Int)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .missing(let path):
      "\(path): there is no such file or folder; name a folder with one folder of photos per class, "
        + "or a CSV file with the columns path,label,group,split"
    case .noPhotos(let path):
      "\(path): no JPEG photos in its folders; expected one folder per class with .jpg files in it"
    case .badTable(let path, let line, let found, let expected):
      "\(path), line \(line): found \(found), expected \(expected)"
    case .tooFew(let path, let what, let found, let expected):
      "\(path): \(found) \(what), at least \(expected) are needed; add photos or take another set"
    }
  }
}

/// Photos whose truth is known: what a scripted operator answers from and accuracy is measured on.
package struct LabelledPhotos: Sendable {
  /// The label that says that even the experts could not tell.
  package static let unsure = "unsure"

  /// One photo.
  package struct Photo: Hashable, Sendable {
    /// Where the file lies.
    package var path: String
    package var label: String
    /// What belongs together (a patient, a passing); never on both sides of the split.
    package var group: String
    /// Whether it is kept away from learning, to measure accuracy on.
    package var isHeldOut: Bool

    /// A photo of a known class.
    package init(path: String, label: String, group: String, isHeldOut: Bool) {
      self.path = path
      self.label = label
      self.group = group
      self.isHeldOut = isHeldOut
    }
  }

  /// Where the photos came from, as the user named it.
  package let source: String
  package let photos: [Photo]

  /// The classes in alphabetical order, without `unsure`.
  package var classes: [String] {
    Set(photos.map(\.label)).subtracting([Self.unsure]).sorted()
  }

  /// Photos a device may see and an operator may be asked about.
  package var pool: [Photo] { photos.filter { !$0.isHeldOut } }

  /// Photos with a certain label that no model is trained on.
  package var heldOut: [Photo] { photos.filter { $0.isHeldOut && $0.label != Self.unsure } }

  /// Reads a CSV file, a folder with an `index.csv`, or a folder with one folder of JPEGs per class.
  ///
  /// Without a column `split`, three groups in ten are held out, chosen by a hash of the group.
  package init(path: String) throws(LabelledPhotosError) {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw .missing(path: path)
    }
    let index = "\(path)/index.csv"
    if !isDirectory {
      try self.init(table: path)
    } else if FileManager.default.fileExists(atPath: index) {
      try self.init(table: index)
    } else {
      try self.init(folders: path)
    }
    guard classes.count >= 2 else {
      throw .tooFew(path: path, what: "classes", found: classes.count, expected: 2)
    }
  }

  /// A set of the given photos.
  package init(source: String, photos: [Photo]) {
    self.source = source
    self.photos = photos
  }

  private init(folders root: String) throws(LabelledPhotosError) {
    var photos: [Photo] = []
    for label in contents(of: root) {
      for name in contents(of: "\(root)/\(label)") where isPhoto(name) {
        let path = "\(root)/\(label)/\(name)"
        let photo = Photo(
          path: path, label: label, group: path, isHeldOut: isHeldOut(group: "\(label)/\(name)"))
        photos.append(photo)
      }
    }
    guard !photos.isEmpty else { throw .noPhotos(path: root) }
    self.init(source: root, photos: photos)
  }

  private init(table path: String) throws(LabelledPhotosError) {
    guard let data = FileManager.default.contents(atPath: path) else { throw .missing(path: path) }
    let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
    let header = lines.first.map { fields(of: $0) } ?? []
    guard let pathColumn = header.firstIndex(of: "path"),
      let labelColumn = header.firstIndex(of: "label")
    else {
      throw .badTable(
        path: path, line: 1, found: lines.first.map { "'\($0.prefix(60))'" } ?? "an empty file",
        expected: "a header with the columns path,label and optionally group,split")
    }
    let groupColumn = header.firstIndex(of: "group")
    let splitColumn = header.firstIndex(of: "split")
    let root = URL(filePath: path).deletingLastPathComponent().path
    var photos: [Photo] = []
    for (number, line) in lines.enumerated().dropFirst() {
      let row = fields(of: line)
      guard row.count == header.count, !row[pathColumn].isEmpty, !row[labelColumn].isEmpty else {
        throw .badTable(
          path: path, line: number + 1, found: "\(row.count) fields in '\(line.prefix(60))'",
          expected: "\(header.count) fields with a path and a label")
      }
      let name = row[pathColumn]
      let group = groupColumn.map { row[$0] }.flatMap { $0.isEmpty ? nil : $0 } ?? name
      let held = splitColumn.map { row[$0] == "test" } ?? isHeldOut(group: group)
      photos.append(
        Photo(
          path: name.hasPrefix("/") ? name : "\(root)/\(name)", label: row[labelColumn],
          group: group, isHeldOut: held))
    }
    guard !photos.isEmpty else { throw .noPhotos(path: path) }
    self.init(source: path, photos: photos)
  }
}

private func contents(of folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { !$0.hasPrefix(".") }.sorted()
}

private func isPhoto(_ name: String) -> Bool {
  let name = name.lowercased()
  return name.hasSuffix(".jpg") || name.hasSuffix(".jpeg")
}

/// Three in ten, by the 32-bit FNV-1a hash of `group`.
private func isHeldOut(group: String) -> Bool {
  var hash: UInt32 = 2_166_136_261
  for byte in group.utf8 {
    hash = (hash ^ UInt32(byte)) &* 16_777_619
  }
  return (hash >> 8) % 10 < 3
}

/// The fields of one line of RFC 4180 CSV; quoted fields may hold commas and doubled quotes.
private func fields(of line: Substring) -> [String] {
  var fields: [String] = []
  var field = ""
  var quoted = false
  var previousWasQuote = false
  for character in line {
    if quoted {
      if character == "\"" {
        quoted = false
        previousWasQuote = true
      } else {
        field.append(character)
      }
      continue
    }
    switch character {
    case "\"":
      if previousWasQuote { field.append("\"") }
      quoted = true
    case ",":
      fields.append(field)
      field = ""
    default:
      field.append(character)
    }
    previousWasQuote = false
  }
  fields.append(field)
  return fields
}
