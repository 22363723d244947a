import Exchange
import FuzzSupport
import Graph

/// libFuzzer's entry: a TensorFlow Lite file; one that leaves the extents of its image open is given some.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let file = unsafe bytes(start, count)
  do throws(ExchangeError) {
    exercise(try TFLiteImporter.read(file, path: "fuzz.tflite"))
  } catch {
    guard error.description.contains("--input-size") else { return 0 }
    do throws(ExchangeError) {
      let size = (height: 9, width: 8)
      exercise(try TFLiteImporter.read(file, path: "fuzz.tflite", inputSize: size))
    } catch {
      _ = error.description
    }
  }
  return 0
}

private func exercise(_ model: TFLiteImport) {
  switch model {
  case .real(let imported):
    exercise(imported.graph)
  case .quantised(let graph):
    for cut in [graph.defaultCut, graph.output].compactMap(\.self) {
      var settings = settings(for: graph.inputShape)
      (settings.preprocessing.mean, settings.preprocessing.deviation) = graph.pixelForm
      do throws(GraphError) {
        exercise(try graph.network(cut: cut, settings: settings))
      } catch {
        _ = error.description
      }
    }
  }
}
