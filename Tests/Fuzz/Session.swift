#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One parser's inputs, one after another, each kept in a file as long as it is in hand: after a crash it is there.
struct Session {
  let subject: any Subject
  let seed: UInt64
  let limits: Limits

  struct Limits {
    /// Whole seconds that one input may take; then the process ends by SIGALRM.
    var seconds: Int
    /// Of the process's peak.
    var megabytes: Int
  }

  /// The input in hand, in the folder of temporary files.
  var path: String { "\(Self.folder)/fuzz-\(subject.name)-\(seed)-\(getpid())" }

  private static let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"

  func run(_ inputs: Range<Int>, data: String) throws(Violation) {
    let samples = subject.samples(in: data)
    let mutator = Mutator(dictionary: subject.dictionary, maximum: subject.maximumBytes)
    print("\(subject.name): seed \(seed), \(samples.count) samples; the input in hand is \(path)")
    // Said before anything can go wrong.
    fflush(nil)
    let file = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Violation("\(path) cannot be written") }
    defer { close(file) }

    let start = ContinuousClock.now
    var slowest = (time: Duration.zero, index: 0)
    var bytes = 0
    for index in inputs {
      var random = Randomness(seed: seed, index: index)
      let input = make(samples, mutator, &random)
      guard unsafe pwrite(file, input, input.count, 0) == input.count, ftruncate(file, input.count) == 0 else {
        throw Violation("\(path) cannot be written")
      }
      bytes += input.count
      let time = try time(input, index, &random)
      if time > slowest.time { slowest = (time, index) }
    }
    unsafe unlink(path)
    let seconds = start.duration(to: .now) / .seconds(1)
    print(
      "\(subject.name): \(inputs.count) inputs of \(bytes / max(1, inputs.count)) bytes in \(tenths(seconds)) s, \(Int(Double(inputs.count) / max(seconds, 0.001))) a second;",
      "the slowest, number \(slowest.index), \(tenths(slowest.time / .milliseconds(1))) ms; peak memory \(peakMegabytes()) MB"
    )
  }

  /// What became of one input that was kept.
  func replay(_ input: [UInt8]) throws(Violation) {
    var random = Randomness(seed: seed)
    // Whatever the check leaves to chance is tried often enough.
    for _ in 0..<100 { _ = try time(input, 0, &random) }
  }

  private func make(_ samples: [[UInt8]], _ mutator: Mutator, _ random: inout Randomness) -> [UInt8] {
    let first = samples.isEmpty || random.once(in: 2) ? subject.compose(&random) : random.pick(samples)
    let second = samples.isEmpty ? subject.compose(&random) : random.pick(samples)
    return mutator.mutate(first, with: { second }, &random)
  }

  private func time(_ input: [UInt8], _ index: Int, _ random: inout Randomness) throws(Violation) -> Duration {
    alarm(UInt32(limits.seconds))
    let start = processorTime()
    do throws(Violation) {
      try subject.check(input, &random)
    } catch {
      throw Violation("\(subject.name), seed \(seed), input \(index), kept in \(path): not so: \(error)")
    }
    let time = processorTime() - start
    alarm(0)
    let peak = peakMegabytes()
    try require(peak <= limits.megabytes, "\(subject.name), seed \(seed), input \(index), kept in \(path): \(peak) MB")
    return time
  }

  private func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}

/// What this process has had of the processors: other programs do not change it.
private func processorTime() -> Duration {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The most memory that this process has had at once.
private func peakMegabytes() -> Int {
  var usage = rusage()
  // RUSAGE_SELF, which each C library spells as a type of its own.
  unsafe getrusage(0, &usage)
  return usage.ru_maxrss / 1024
}
