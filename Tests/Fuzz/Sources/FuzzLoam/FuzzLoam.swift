import FuzzSupport
import Graph

/// libFuzzer's entry: a `.loam` file, read as it is and, where its header is torn, mended first.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = unsafe bytes(start, count)
  if !read(file), let mended = mendingHeader(of: file) { _ = read(mended) }
  return 0
}

/// Whether `file` could be read; if only its hash or its checksum is not that of its bytes, with both put right.
private func read(_ file: [UInt8]) -> Bool {
  var file = file
  var isRead = false
  // The hash lies before the checksum.
  for _ in 0..<3 {
    do throws(LoamFileError) {
      exercise(try LoamFile.parse(file).network())
      return true
    } catch {
      _ = error.description
      switch error {
      case .bodyChanged(_, let stated, let found):
        guard let mended = replacing(stated, by: found, in: file) else { return true }
        file = mended
      case .bytesChanged(_, _, let found):
        file.replaceSubrange(
          (file.count - 8)..., with: (0..<8).map { UInt8(truncatingIfNeeded: found >> (8 * $0)) })
      default:
        return isRead
      }
      isRead = true
    }
  }
  return isRead
}

/// `file` with the first `old` replaced; `nil` if it is not there or of another length.
private func replacing(_ old: String, by new: String, in file: [UInt8]) -> [UInt8]? {
  let (old, new) = (Array(old.utf8), Array(new.utf8))
  guard old.count == new.count, file.count >= old.count, old.count == 64 else { return nil }
  for place in 0...(file.count - old.count)
  where file[place] == old[0] && file[place..<(place + old.count)].elementsEqual(old) {
    var result = file
    result.replaceSubrange(place..<(place + old.count), with: new)
    return result
  }
  return nil
}

/// `file` with the length of its header put right, which nearly every change of the JSON makes wrong.
private func mendingHeader(of file: [UInt8]) -> [UInt8]? {
  guard file.count > 9, file[8] == UInt8(ascii: "{") else { return nil }
  var (depth, isText, place) = (0, false, 8)
  repeat {
    let byte = file[place]
    place += 1
    switch byte {
    case UInt8(ascii: "\""): isText.toggle()
    case UInt8(ascii: "\\") where isText: place += 1
    case UInt8(ascii: "{") where !isText: depth += 1
    case UInt8(ascii: "}") where !isText: depth -= 1
    default: break
    }
  } while depth > 0 && place < file.count
  guard depth == 0, place <= file.count else { return nil }
  var header = Array(file[8..<place])
  header += repeatElement(UInt8(ascii: " "), count: -(8 + header.count) & 63)
  let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
  return length + header + file[place...].drop { $0 == UInt8(ascii: " ") }
}
