import FoundationEssentials
package import Graph
import Glibc

/// Why a model could not be activated or found.
package enum ModelSlotsError: Error, CustomStringConvertible {
  case noActiveModel(folder: String)
  case notWritable(path: String, why: String)

  /// What was wrong, with what, and what to do about it.
  package var description: String {
    switch self {
    case .noActiveModel(let folder):
      "\(folder): no model is active here; start `loam run` once with --model, which puts one there"
    case .notWritable(let path, let why):
      "\(path): cannot be written: \(why); check permissions and free space"
    }
  }
}

/// The two places of a device's model: one is active, the other takes the next.
///
/// `active` is a symbolic link that is replaced by `rename`, so that a power cut at any moment leaves
/// either the old model or the new one, each whole.
package struct ModelSlots: Sendable {
  /// The folder with `a.loam`, `b.loam` and `active`.
  package let folder: String

  /// The slots in `folder`, which is made if it is not there.
  package init(folder: String) throws(ModelSlotsError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw .notWritable(path: folder, why: "\(error)")
    }
  }

  /// Path of the active model, `nil` before the first activation.
  package var active: String? {
    guard
      let name = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/active"),
      name == "a.loam" || name == "b.loam"
    else { return nil }
    return "\(folder)/\(name)"
  }

  /// The slot that the next model goes to.
  package var spare: String {
    active == "\(folder)/a.loam" ? "\(folder)/b.loam" : "\(folder)/a.loam"
  }

  /// Writes `network` to the spare slot; the active model stays as it is. Returns its path.
  package func stage(_ network: Network) throws -> String {
    let path = spare
    try LoamFile.write(network, to: path)
    return path
  }

  /// Makes the staged model at `path` the active one; durable when it returns.
  package func activate(_ path: String) throws(ModelSlotsError) {
    let link = "\(folder)/active"
    let temporary = "\(folder)/.active.\(getpid())"
    let name = URL(filePath: path).lastPathComponent
    _ = unsafe unlink(temporary)
    guard unsafe symlink(name, temporary) == 0, unsafe rename(temporary, link) == 0 else {
      throw .notWritable(path: link, why: errorText(errno))
    }
    try syncFolder(folder)
  }
}

/// Makes the names in `folder` durable.
func syncFolder(_ folder: String) throws(ModelSlotsError) {
  let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY)
  guard descriptor >= 0 else { throw .notWritable(path: folder, why: errorText(errno)) }
  defer { close(descriptor) }
  guard fsync(descriptor) == 0 else { throw .notWritable(path: folder, why: errorText(errno)) }
}

/// What the system says of error number `code`.
package func errorText(_ code: Int32) -> String {
  unsafe String(cString: strerror(code))
}
