/// A constant of a network in fp32: weights, biases, statistics of batch normalisation.
package struct FloatTensor: Hashable, Sendable {
  /// Extents, outermost first. Convolution weights are `[output, height, width, input / groups]`,
  /// those of a fully connected layer `[output, input]`.
  package var shape: [Int]
  /// `shape`'s product of elements, row-major.
  package var elements: [Float]

  /// A tensor of `elements` in `shape`; traps if the count does not fit.
  package init(shape: [Int], elements: [Float]) {
    precondition(
      shape.reduce(1, *) == elements.count, "\(elements.count) elements do not fill \(shape)")
    self.shape = shape
    self.elements = elements
  }
}
