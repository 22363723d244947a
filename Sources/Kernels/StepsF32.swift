/// `out[offset + i] = (row[i] − mean[i]) × inverse[i]`, rounded after each step: the same bits on every
/// CPU.
///
/// `row`, `mean` and `inverse` are equally long; `out` has room for them from `offset` on and does not
/// overlap them.
///
/// - Complexity: O(row), no allocation.
@_lifetime(out: copy out)
package func standardiseF32(
  _ row: Span<Float>, mean: Span<Float>, inverse: Span<Float>, into out: inout MutableSpan<Float>,
  at offset: Int
) {
  let count = row.count
  precondition(
    mean.count == count && inverse.count == count && offset >= 0 && offset + count <= out.count,
    "\(count) inputs, \(mean.count) means, \(inverse.count) scales, \(out.count) outputs")
  unsafe row.withUnsafeBufferPointer { row in
    unsafe mean.withUnsafeBufferPointer { mean in
      unsafe inverse.withUnsafeBufferPointer { inverse in
        unsafe out.withUnsafeMutableBufferPointer { out in
          for index in 0..<count {
            unsafe out[offset + index] = (row[index] - mean[index]) * inverse[index]
          }
        }
      }
    }
  }
}

/// One step of gradient descent with momentum, rounded after each operation: `v = momentum v +
/// (gradient + decay w)`, `w = w − rate v`. The same bits on every CPU.
///
/// All three are equally long.
///
/// - Complexity: O(weights), no allocation.
package func momentumStepF32(
  gradient: [Float], rate: Float, momentum: Float, decay: Float, weights: inout [Float],
  velocity: inout [Float]
) {
  let count = gradient.count
  precondition(
    weights.count == count && velocity.count == count,
    "\(count) gradients, \(weights.count) weights, \(velocity.count) velocities")
  unsafe gradient.withUnsafeBufferPointer { gradient in
    unsafe weights.withUnsafeMutableBufferPointer { weights in
      unsafe velocity.withUnsafeMutableBufferPointer { velocity in
        for index in 0..<count {
          let pull = unsafe gradient[index] + decay * weights[index]
          let next = unsafe momentum * velocity[index] + pull
          unsafe velocity[index] = next
          unsafe weights[index] -= rate * next
        }
      }
    }
  }
}
