import Exchange
import FuzzSupport

/// libFuzzer's entry: an ONNX file; one that leaves the extents of its image open is given some.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = unsafe bytes(start, count)
  exercise { size throws(ExchangeError) in
    try ONNXImporter.readAny(file, path: "fuzz.onnx", inputSize: size)
  }
  return 0
}
