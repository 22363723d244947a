import ActiveLearning
import DeviceRuntime
import Simulation
import Tensors

/// Photos whose features lie in clouds, one a class, 60 in the pool and 30 to measure on for each.
enum Clouds {
  static let dimension = 16

  static func features(classes: Int = 3, photosInGroup: Int = 1, spread: Float = 1) -> PhotoFeatures
  {
    var random = SeededRandom(seed: 5)
    var photos: [PhotoFeatures.Photo] = []
    for label in 0..<classes {
      for index in 0..<90 {
        let values = (0..<2 * dimension).map { place -> Float16 in
          let noise = (0..<4).reduce(Float(-2)) { sum, _ in sum + Float(random.unit()) }
          return Float16((place % dimension == label ? 3 : 0) + spread * noise)
        }
        photos.append(
          PhotoFeatures.Photo(
            photo: LabelledPhotos.Photo(
              path: "p/\(label)-\(index).jpg", label: "class\(label)",
              group: "\(label)-\(index / photosInGroup)", isHeldOut: index >= 60),
            sha256: [], values: values))
      }
    }
    return PhotoFeatures(photos: photos, patchCount: 2, featureCount: dimension)
  }

  static func pool(
    classes: Int = 3, groups: Int = 1, keep: (([Int], Int) -> [Int])? = nil
  ) throws -> SimulationPool {
    try SimulationPool(
      features(classes: classes, photosInGroup: groups), source: "clouds", groups: groups > 1,
      keep: keep)
  }
}
