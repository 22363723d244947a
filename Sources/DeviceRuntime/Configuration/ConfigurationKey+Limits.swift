internal import ActiveLearning
internal import Imaging

extension ConfigurationKey {
  static let panel: [ConfigurationKey] =
    [
      line("attention", \.gpio.attention, "The LED that blinks how many questions wait."),
      line("busy", \.gpio.busy, "The LED that is lit while the device works."),
      line("fault", \.gpio.fault, "The LED that is lit while something needs the owner."),
      line("shutter", \.gpio.shutter, "The button that takes a photo."),
      line(
        "skip", \.gpio.skip, "The button that puts a question off; held, it answers \"can't tell\"."
      ),
      line("undo", \.gpio.undo, "The button that takes the last answer back."),
      .list(
        "gpio.classes", \.gpio.classes, most: 16, form: "a list of GPIO lines",
        "The buttons that answer, one a class, in the order of the classes.",
        { items throws(Problem) in
          var lines: [String] = []
          for item in items { lines.append(try ConfigurationValue.text(item, most: 128)) }
          return lines
        }),
      .list(
        "gpio.active_low", \.gpio.activeLow, most: 32, form: "a list of GPIO lines",
        "Those of the lines above that are on at low voltage, as a button to ground is.",
        { items throws(Problem) in
          var lines: Set<String> = []
          for item in items { lines.insert(try ConfigurationValue.text(item, most: 128)) }
          return lines
        }),
      .one(
        "gpio.debounce", \.gpio.debounce, default: "10ms", form: "a time, as in 10ms",
        "How long a button's level must stand still to count.",
        ConfigurationValue.duration(in: .zero ... .milliseconds(500))),
      .one(
        "gpio.long_press", \.gpio.longPress, default: "1s", form: "a time, as in 1s",
        "How long a button is held for its second meaning.",
        ConfigurationValue.duration(in: .milliseconds(200) ... .seconds(10))),
    ]

  private static func line(
    _ role: String, _ path: any WritableKeyPath<DeviceConfiguration, String?> & Sendable,
    _ text: String
  ) -> ConfigurationKey {
    .optional(
      "gpio." + role, path, form: "a GPIO line",
      text + (role == "attention" ? " Lines are named as gpioinfo shows them, or CHIP/NAME." : ""),
      ConfigurationValue.text(most: 128))
  }

  static let limits: [ConfigurationKey] = [
    .one(
      "memory.budget", \.memory.budget, default: "96MiB", form: "a size, as in 96MiB",
      "Bytes that the process may use at its peak; what does not fit is refused at the start.",
      ConfigurationValue.size),
    .optional(
      "disk.quota", \.disk.quota, form: "a size, as in 8GiB",
      "Bytes that the store may take. At the limit, photos that the model is surest of go first; "
        + "labels never do.",
      ConfigurationValue.size),
    .one(
      "disk.reserve", \.disk.reserve, default: "256MiB", form: "a size, as in 256MiB",
      "Bytes of the file system that are left free.",
      ConfigurationValue.size),
    .one(
      "queue.limit", \.queue.limit, default: "64", form: "1 to 10000",
      "Photos that may wait to be judged when they come faster than that.",
      ConfigurationValue.whole(in: 1...10_000)),
  ]

  static let asking: [ConfigurationKey] = [
    .optional(
      "ask.rate", \.ask.rate, form: "a rate, as in 20/day or 5/hour",
      "The most questions in an hour or a day; in batches if absent.",
      { text throws(Problem) in
        do throws(AskRateError) { return try AskRate(text) } catch {
          throw Problem("\(error)")
        }
      }),
    .one(
      "ask.batch", \.ask.batch, default: "12", form: "1 to 1000",
      "Questions of a round; the first one has twice as many.",
      ConfigurationValue.whole(in: 1...1000)),
    .one(
      "ask.after", \.ask.after, default: "24", form: "a whole number",
      "Captures that must be there before the first question.",
      ConfigurationValue.whole(in: 1...1_000_000)),
    .one(
      "ask.choose_from", \.ask.chooseFrom, default: "3", form: "1 to 1000",
      "A batch is chosen from at least this many times as many photos.",
      ConfigurationValue.whole(in: 1...1000)),
    .one(
      "ask.audit", \.ask.audit, default: "10%", form: "0 to 50%",
      "Share of the photos that are kept apart to measure accuracy on.",
      ConfigurationValue.percent(most: 50)),
    .list(
      "ask.stop", \.ask.stop, most: 16, form: "a list, as in unsure=0.5/20, stable=off",
      "Sets or switches off stop rules; `loam run --help` explains them.",
      { items throws(Problem) in
        var changes: [StopChange] = []
        for item in items {
          do throws(StopChangeError) { changes.append(try StopChange(item)) } catch {
            throw Problem("\(error)")
          }
        }
        return changes
      }),
    .one(
      "ask.label_budget", \.ask.labelBudget, default: "1000", form: "a whole number",
      "Answers after which no more is asked.",
      ConfigurationValue.whole(in: 1...1_000_000_000)),
    .one(
      "patches.flips", \.patches.flips, default: "none",
      form: "none, horizontal, vertical or both",
      "How patches may be mirrored and still be of their class.",
      { text throws(Problem) in
        switch text {
        case "none": return []
        case "horizontal": return .horizontal
        case "vertical": return .vertical
        case "both": return [.horizontal, .vertical]
        default: throw Problem("give one of: none, horizontal, vertical, both")
        }
      }),
  ]

  static let away: [ConfigurationKey] = [
    .optional(
      "power.every", \.power.every, form: "a time, as in 15m",
      "Takes a photo at this interval and does what power.then says in between.",
      ConfigurationValue.duration(in: .seconds(10) ... .seconds(7 * 86_400))),
    .one(
      "power.then", \.power.then, default: "stay", form: "stay, exit or suspend",
      "What follows when that photo is judged: wait, end the program, or suspend the board.",
      ConfigurationValue.choice),
    .optional(
      "sync.target", \.sync.target, form: "ssh://user@host/path",
      "Where bundles are sent to.",
      ConfigurationValue.target),
    .optional(
      "sync.key", \.sync.key, form: "a file", "The identity file for that connection.",
      ConfigurationValue.path),
  ]
}
