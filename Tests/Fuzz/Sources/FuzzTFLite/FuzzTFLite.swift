import Exchange
import FuzzSupport

/// libFuzzer's entry: a TensorFlow Lite file; one that leaves the extents of its image open is given some.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = unsafe bytes(start, count)
  exercise { size throws(ExchangeError) in
    try TFLiteImporter.read(file, path: "fuzz.tflite", inputSize: size)
  }
  return 0
}
