import Exchange
import FuzzSupport
import Graph

/// libFuzzer's entry: an ONNX file; one that leaves the extents of its image open is given some.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = unsafe bytes(start, count)
  do throws(ExchangeError) {
    exercise(try ONNXImporter.read(file, path: "fuzz.onnx").graph)
  } catch {
    guard error.description.contains("--input-size") else { return 0 }
    do throws(ExchangeError) {
      let size = (height: 9, width: 8)
      exercise(try ONNXImporter.read(file, path: "fuzz.onnx", inputSize: size).graph)
    } catch {
      _ = error.description
    }
  }
  return 0
}
