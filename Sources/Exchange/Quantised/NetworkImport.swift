/// A network read from a foreign file.
package enum NetworkImport: Sendable {
  /// In fp32: to be quantised here.
  case real(ImportedGraph)
  /// Quantised already: its scales, zero points and biases are kept.
  case quantised(QuantisedGraph)
}
