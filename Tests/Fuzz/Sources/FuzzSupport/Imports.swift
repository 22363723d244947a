package import Exchange
import Graph

/// Does with a foreign file what an import does; `read` reads it, for images of the given size if there must be one.
package func exercise(
  reading read: ((height: Int, width: Int)?) throws(ExchangeError) -> NetworkImport
) {
  do throws(ExchangeError) {
    exercise(try read(nil))
  } catch {
    guard error.description.contains("--input-size") else { return }
    do throws(ExchangeError) { exercise(try read((height: 9, width: 8))) } catch {
      _ = error.description
    }
  }
}

private func exercise(_ model: NetworkImport) {
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
