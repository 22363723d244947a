internal import GRDB
internal import Glibc

/// Why the store could not do what was asked. Nothing of a failed call remains in the store.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
  // The medium.
  case missing(folder: String)
  case cannotOpen(path: String, reason: String)
  case diskFull(path: String)
  case locked(path: String)
  case readOnly(path: String)
  case corrupt(path: String, detail: String)
  case inputOutput(path: String, detail: String)
  // The schema.
  case notAStore(path: String)
  case newerSchema(path: String, unknown: [String])
  case outdatedSchema(path: String)
  case inUse(folder: String)
  // What was asked.
  case noCandidate(Int64)
  case noClass(Int64)
  case noModel(Int64)
  case noActiveModel
  case alreadyLabelled(candidate: Int64, as: String, by: String)
  case notLabelable(candidate: Int64, state: CandidateState)
  case classMismatch(LabelKind, class: Int64?)
  case badName(NameProblem)
  case classExists(String)
  case badHash(String)
  case badShape(String)
  case notFinite(String)
  case modelRejected(Int64)
  case damaged(String)
  case failed(path: String, detail: String)

  package var description: String {
    switch self {
    case .missing(let folder):
      "there is no store in '\(folder)'; start the device once, or give the folder that holds "
        + "loam.sqlite"
    case .cannotOpen(let path, let reason):
      "cannot open '\(path)': \(reason); check the path and the rights of this user"
    case .diskFull(let path):
      "the disk that holds '\(path)' is full; nothing was stored; free some space and repeat"
    case .locked(let path):
      "'\(path)' is locked by another process for too long; end that process and repeat"
    case .readOnly(let path):
      "'\(path)' cannot be written; check that its disk is mounted for writing and the rights of "
        + "this user"
    case .corrupt(let path, let detail):
      "'\(path)' is damaged or no SQLite database (\(detail)); restore it from a copy, or move it "
        + "away to start with an empty store"
    case .inputOutput(let path, let detail):
      "the disk failed at '\(path)' (\(detail)); check the medium before going on"
    case .notAStore(let path):
      "'\(path)' is a database of another program; give a folder of Loam's own"
    case .newerSchema(let path, let unknown):
      "'\(path)' was written by a newer Loam (it holds the schema steps "
        + "\(unknown.joined(separator: ", "))); use that version or a later one"
    case .outdatedSchema(let path):
      "'\(path)' was written by an older Loam; open it once for writing to bring it up to date"
    case .inUse(let folder):
      "another device process runs on the store in '\(folder)'; end it first, or use another folder"
    case .noCandidate(let id): "there is no candidate \(id)"
    case .noClass(let id): "there is no class with the number \(id); add it first"
    case .noModel(let id): "there is no model \(id) in the store; record it first"
    case .noActiveModel: "no model is active; activate one first"
    case .alreadyLabelled(let candidate, let name, let who):
      "candidate \(candidate) was labelled '\(name)' by '\(who)'; undo that label first"
    case .notLabelable(let candidate, let state):
      "candidate \(candidate) is \(state.rawValue) and cannot be labelled"
    case .classMismatch(.label, _): "a label needs a class"
    case .classMismatch(let kind, let id):
      "a decision of the kind '\(kind.rawValue)' has no class, \(id.map(String.init) ?? "?") was given"
    case .badName(let problem): problem.description
    case .classExists(let name):
      "there is a class '\(name)' already; capitals and spaces do not tell classes apart"
    case .badHash(let found):
      "'\(found.prefix(80))' is no SHA-256; 64 lower-case hexadecimal digits are expected"
    case .badShape(let detail): detail
    case .notFinite(let name): "\(name) is infinite, not a number, or too large to be stored"
    case .modelRejected(let id):
      "model \(id) was not accepted by the gate and cannot be made active"
    case .damaged(let detail):
      "the store holds a row that cannot be read (\(detail)); restore it from a copy"
    case .failed(let path, let detail): "the store '\(path)' failed: \(detail)"
    }
  }
}

extension StoreError {
  /// What `error` of the database at `path` means for a caller.
  init(_ error: any Error, path: String) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError: self.init(error, path: path)
    case let error as RowDecodingError: self = .damaged(error.description)
    default: self = .failed(path: path, detail: "\(error)")
    }
  }

  private init(_ error: DatabaseError, path: String) {
    let detail = "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no message")"
    self =
      switch error.resultCode {
      case .SQLITE_FULL: .diskFull(path: path)
      case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .locked(path: path)
      case .SQLITE_READONLY: .readOnly(path: path)
      case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt(path: path, detail: detail)
      case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .cannotOpen(path: path, reason: detail)
      case .SQLITE_IOERR: .inputOutput(path: path, detail: detail)
      default: .failed(path: path, detail: detail)
      }
  }

  /// What a failed system call on the file at `path` means for a caller.
  init(errno code: Int32, path: String) {
    self =
      switch code {
      case ENOSPC, EDQUOT: .diskFull(path: path)
      case EROFS: .readOnly(path: path)
      case EIO: .inputOutput(path: path, detail: Self.text(code))
      default: .cannotOpen(path: path, reason: Self.text(code))
      }
  }

  private static func text(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
