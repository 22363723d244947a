/// Why a `.loam` file cannot be read or written.
package enum LoamFileError: Error, Equatable {
  /// The file cannot be opened, measured or mapped.
  case unreadable(path: String, why: String)
  /// The file does not begin like a safetensors file.
  case notLoam(path: String, found: String)
  /// The file ends before what its header announces.
  case truncated(path: String, expected: Int, found: Int)
  /// The header is not the JSON that it should be.
  case header(path: String, why: String)
  /// One tensor's entry is wrong.
  case tensor(path: String, name: String, why: String)
  /// Written by a later Loam.
  case format(path: String, found: Int)
  /// The tensors are there but do not make a network.
  case network(path: String, GraphError)
  /// The body's bytes are not those that the file was written with.
  case bodyChanged(path: String, stated: String, found: String)
  /// The file's bytes are not those that were written.
  case bytesChanged(path: String, stated: UInt64, found: UInt64)
  /// The file cannot be written; what was there before is still there.
  case unwritable(path: String, step: String, why: String)
}

extension LoamFileError: CustomStringConvertible {
  /// One sentence: which file, what was found, what was expected, what to do.
  package var description: String {
    switch self {
    case .unreadable(let path, let why):
      "cannot read '\(path)': \(why); give the path of a .loam file that this user may read"
    case .notLoam(let path, let found):
      "'\(path)' is not a .loam file: found \(found), expected a safetensors header; "
        + "make one with 'loam import'"
    case .truncated(let path, let expected, let found):
      "model '\(path)' is cut short: \(found) B, its header announces \(expected) B; copy it again"
    case .header(let path, let why):
      "model '\(path)' has a bad header: \(why); copy it again or import it anew"
    case .tensor(let path, let name, let why):
      "model '\(path)', tensor '\(name)': \(why); copy it again or import it anew"
    case .format(let path, let found):
      "model '\(path)' has format \(found), this program reads format 1; update the program"
    case .network(let path, let error):
      "model '\(path)' does not hold a network that can run: \(error)"
    case .bodyChanged(let path, let stated, let found):
      "model '\(path)' is damaged: its body has SHA-256 \(found.prefix(16))…, "
        + "stated is \(stated.prefix(16))…; copy it again"
    case .bytesChanged(let path, let stated, let found):
      "model '\(path)' is damaged: its bytes have the checksum \(String(found, radix: 16)), "
        + "stated is \(String(stated, radix: 16)); copy it again"
    case .unwritable(let path, let step, let why):
      "cannot write model '\(path)' (\(step)): \(why); nothing was changed"
    }
  }
}
