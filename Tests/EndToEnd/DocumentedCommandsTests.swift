import FoundationEssentials
import Support
import Testing

/// The Markdown files: their commands are valid, their links lead to files, and their tables match the program.
struct DocumentationTests {
  /// Programs of the system that the documentation may use.
  private static let systemPrograms: Set = [
    "cp", "curl", "docker", "echo", "export", "git", "grep", "lldb", "ln", "ls", "mkdir", "rm", "sort", "swift", "tail",
  ]

  @Test func commandsAndTheirOptionsExist() async throws {
    let commands = try DocumentedCommand.all()
    #expect(commands.count > 40, "the commands were not found")
    var help = RunnerHelp()
    for command in commands {
      for words in command.simpleCommands {
        let name = words[0]
        if name.split(separator: "/").last == "local-runner" {
          let problem = try await help.problem(with: Array(words.dropFirst()))
          #expect(problem == nil, "\(command): \(problem ?? "")")
        } else if name.hasPrefix(".build/") {
          let product = name.split(separator: "/").last ?? ""
          let manifest = try Products.text(of: "Package.swift")
          #expect(manifest.contains(".executable(name: \"\(product)\""), "\(command)")
        } else if name.contains("/") {
          try checkScript(words, command)
        } else {
          #expect(Self.systemPrograms.contains(name), "\(command): \(name) is not a known program")
        }
        for word in words.dropFirst() { checkPath(word, command) }
      }
    }
  }

  @Test("A command that does not exist is found")
  func unknownCommandIsFound() async throws {
    var help = RunnerHelp()
    #expect(try await help.problem(with: ["llms", "https://example.com", "--full"]) == nil)
    #expect(try await help.problem(with: ["llms", "--no-such-option"]) != nil)
    #expect(try await help.problem(with: ["database", "no-such-command"]) != nil)
    #expect(try await help.problem(with: ["no-such-command"]) != nil)
  }

  @Test(arguments: [
    ("a --b 'c d' | E=1 f \"g h\" > file", [["a", "--b", "c d"], ["f", "g h"]]),
    ("export A=$(b c)", [["export", "A="], ["b", "c"]]),
  ])
  func commandLineIsSplitIntoSimpleCommands(text: String, words: [[String]]) {
    #expect(DocumentedCommand(file: "", line: 1, text: text, comment: "").simpleCommands == words)
  }

  /// Checks that a script exists, and that its text contains the options.
  private func checkScript(_ words: [String], _ command: DocumentedCommand) throws {
    let path = words[0].hasPrefix("./") ? String(words[0].dropFirst(2)) : words[0]
    let isExecutable = FileManager.default.isExecutableFile(atPath: "\(Products.package)/\(path)")
    #expect(isExecutable, "\(command): \(path) is not an executable file")
    if let index = words.firstIndex(of: "--filter") {
      // Tests/run passes its options to `swift test`.
      let files = try FileManager.default.subpathsOfDirectory(atPath: "\(Products.package)/Tests")
      let name = words[index + 1]
      #expect(files.contains { $0.contains(name) }, "\(command): there is no suite \(name)")
    } else {
      let script = try Products.text(of: path)
      for option in words.dropFirst() where option.hasPrefix("-") {
        #expect(script.contains(option), "\(command): \(path) has no option \(option)")
      }
    }
  }

  /// Checks that an argument exists if it is a path in the package.
  private func checkPath(_ word: String, _ command: DocumentedCommand) {
    let folder = word.split(separator: "/").first.map(String.init) ?? ""
    guard ["Events", "Functions", "LocalRunner", "Shared", "Tests"].contains(folder), !word.contains("*") else {
      return
    }
    #expect(FileManager.default.fileExists(atPath: "\(Products.package)/\(word)"), "\(command): \(word) does not exist")
  }

  @Test func linksLeadToFiles() throws {
    for file in DocumentedCommand.files {
      let folder = file.split(separator: "/").dropLast().map { $0 + "/" }.joined()
      for link in try Products.text(of: file).matches(of: /\]\(([^)#]+)(#[^)]*)?\)/) where !link.1.hasPrefix("http") {
        let path = "\(Products.package)/\(folder)\(link.1)"
        #expect(FileManager.default.fileExists(atPath: path), "\(file) links to \(link.1)")
      }
    }
  }

  @Test func settingsTableIsTheOneThatDoctorPrints() async throws {
    let outcome = try await Command(Products.path(of: "local-runner"), ["doctor", "--settings"]).run()
    #expect(outcome.status == 0)
    #expect(
      try Products.text(of: "LocalRunner/README.md").contains("\n\n\(outcome.output)\n"),
      "replace the table by the output of: local-runner doctor --settings")
  }

  @Test func settingsTableHasEverySettingThatTheProgramReads() async throws {
    let table = try await Command(Products.path(of: "local-runner"), ["doctor", "--settings"]).run().output
    // The system sets these; LOG_PROGRESS is passed from the runner to functions.
    let others: Set = ["HOME", "PATH", "XDG_DATA_HOME", "SWIFT_BACKTRACE", "LOG_PROGRESS", "NO_COLOR", "TERM"]
    var settings: Set<Substring> = []
    for folder in ["Functions", "LocalRunner", "Shared"] {
      for file in try FileManager.default.subpathsOfDirectory(atPath: "\(Products.package)/\(folder)")
      where file.hasSuffix(".swift") {
        let text = try Products.text(of: "\(folder)/\(file)")
        for match in text.matches(of: /nvironment(?:\[|\.list\()"([A-Z_]+)"/) where !others.contains(String(match.1)) {
          #expect(table.contains("| `\(match.1)` |"), "\(folder)/\(file) reads \(match.1)")
          settings.insert(match.1)
        }
      }
    }
    #expect(settings.count > 10, "the settings were not found")
  }

  @Test func routesAreInTheTableOfFunctions() throws {
    let readme = try Products.text(of: "README.md")
    var count = 0
    for file in try FileManager.default.subpathsOfDirectory(atPath: "\(Products.package)/Shared/Features")
    where file.hasSuffix(".swift") {
      for line in try Products.text(of: "Shared/Features/\(file)").split(separator: "\n") {
        // Regular expressions are slow in debug builds.
        guard line.contains("(\"/") || line.contains("\", \"/"), !line.contains("///") else { continue }
        if let route = line.firstMatch(of: /Operation\("(GET|POST)", "(\/[^"]+)"/) {
          #expect(readme.contains("`\(route.1) \(route.2)`"), "\(file): \(route.1) \(route.2)")
          count += 1
        } else if let route = line.firstMatch(of: /access\.(?:openGet|get)\("(\/[^"]+)"/) {
          #expect(readme.contains("`GET \(route.1)`"), "\(file): GET \(route.1)")
          count += 1
        } else if let route = line.firstMatch(of: /access\.(?:openPost|post)\("(\/[^"]+)"/) {
          #expect(readme.contains("`POST \(route.1)`"), "\(file): POST \(route.1)")
          count += 1
        }
      }
    }
    #expect(count >= 10, "the routes were not found")
  }

  @Test func crawlerPageQuotesTheUserAgent() throws {
    let source = try Products.text(of: "Shared/Features/Crawling/UserAgent.swift")
    let page = try #require(source.firstMatch(of: /page = "([^"]+)"/)).1
    #expect(page.hasSuffix("/LocalRunner/CRAWLER.md"))
    #expect(try Products.text(of: "LocalRunner/CRAWLER.md").contains("LLMTxtMastery/1.0; +\(page))\n"))
  }

  @Test func eventsTableHasEveryCase() throws {
    let table = try Products.text(of: "Events/README.md")
    var count = 0
    for file in try FileManager.default.subpathsOfDirectory(atPath: "\(Products.package)/Events")
    where file.hasSuffix(".json") && !file.hasSuffix(".expected.json") {
      let name = file.split(separator: "/").last?.dropLast(".json".count) ?? ""
      #expect(table.contains("| `\(name)` |"), "\(file) is not in Events/README.md")
      count += 1
    }
    #expect(count > 50, "the events were not found")
  }
}

/// The help texts of the runner, which list its subcommands and options.
private struct RunnerHelp {
  private var texts: [[String]: String] = [:]

  /// - Returns: the word that is not a subcommand or option; nil if all are.
  mutating func problem(with words: [String]) async throws -> String? {
    // ArgumentParser adds this option without listing it.
    if words.first == "--generate-completion-script" { return nil }
    var path: [String] = []
    for word in words {
      let subcommands = try await text(path).split(separator: "SUBCOMMANDS:").dropFirst().first ?? ""
      guard !subcommands.isEmpty else { break }
      guard subcommands.contains("\n  \(word) ") else { return word.hasPrefix("-") ? nil : "no subcommand \(word)" }
      path.append(word)
    }
    let text = try await text(path)
    let known = Set(text.split { !($0.isLetter || $0 == "-") }.map(String.init))
    for option in words where option.hasPrefix("-") && option.count > 1 {
      let name = option.split(separator: "=")[0]
      guard known.contains(String(name)) else {
        return "no option \(name) in the help of \(path.joined(separator: " "))"
      }
    }
    return nil
  }

  private mutating func text(_ path: [String]) async throws -> String {
    if let text = texts[path] { return text }
    let text = try await Command(Products.path(of: "local-runner"), path + ["--help"]).run().output
    texts[path] = text
    return text
  }
}

/// Runs the documented commands in a temporary folder, against a local copy of the sample site and a local gateway.
final class DocumentedCommandsTests {
  private let folder = "/tmp/llmtxt-documented-\(UUID().uuidString)"
  private let environment: [String: String]
  private let site: Command.Started
  private let gateway: Command.Started
  private let siteAddress: String
  private let gatewayAddress: String

  init() async throws {
    let runner = Products.path(of: "local-runner")
    let database = try TestDatabase.make()
    try await Self.prepare(folder)
    environment = [
      "DATABASE_URL": database, "FETCH_ALLOW_NETWORKS": "127.0.0.0/8", "HOME": folder + "/home", "FUNCTIONS_DIR": "",
      "PATH": "\(folder)/bin:\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")",
    ]
    _ = try await Command(runner, ["database", "migrate"], environment: environment).run()
    gateway = try Command(runner, ["start", "--port", "0", "--no-worker"], environment: environment).start()
    site = try Command(
      "python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", "\(folder)/site"]
    ).start()
    siteAddress = try await Self.address(in: site, after: "(") { String(decoding: $0.output, as: UTF8.self) }
    gatewayAddress = try await Self.address(in: gateway, after: "listening on ") { $0.errorOutput }
    let file =
      "# Tidewater\n\n> Tides.\n\nThe guides.\n\n## Guides\n\n- [Guides](\(siteAddress)/guides/): Instructions\n"
    try Data(file.utf8).write(to: URL(filePath: "\(folder)/site/llms.txt"))
  }

  deinit {
    gateway.end()
    site.end()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// Creates a folder that looks like a checkout with a build: the working directory `work`, and `bin` for `PATH`.
  private static func prepare(_ folder: String) async throws {
    let script = """
      set -e
      mkdir -p "$1"/bin "$1"/home "$1"/work/.build/release
      cp -R "$2"/LocalRunner/Sample "$1"/site
      cp -R "$2"/LocalRunner/Sample "$1"/work/public
      ln -s "$2"/Events "$1"/work/Events
      for program in analyze checkout generate usage webhook local-runner llm-txt-mastery_SampleSite.resources; do
        ln -s "$3/$program" "$1"/work/.build/release/
      done
      ln -s release "$1"/work/.build/debug
      ln -s "$3"/local-runner "$1"/bin/
      """
    let outcome = try await Command("sh", ["-c", script, "sh", folder, Products.package, Products.folder]).run()
    guard outcome.status == 0 else { throw Command.Failed(description: outcome.error) }
  }

  private static func address(in started: Command.Started, after mark: String, _ output: (Command.Started) -> String)
    async throws -> String
  {
    for _ in 0..<200 {
      let text = output(started)
      if let range = text.firstRange(of: mark + "http://") {
        return "http://" + text[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == ":" }
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Command.Failed(description: "no address was printed: \(output(started))")
  }

  @Test func commandsSucceed() async throws {
    var count = 0
    for command in try DocumentedCommand.all() where Self.canRun(command) {
      let line = "cd \(folder)/work && \(local(command.text))"
      let outcome = try await Command("bash", ["-c", line], environment: environment).run()
      // A comment such as "ends with status 4" names another status than 0.
      let expected = command.comment.firstMatch(of: /status (\d+)/).flatMap { Int32($0.1) } ?? 0
      #expect(outcome.status == expected, "\(command)\n\(outcome.output)\(outcome.error)")
      let isFailure = outcome.output.contains(#""error":{"#) || outcome.output.contains(#"\"error\":{"#)
      #expect(!isFailure, "\(command)\n\(outcome.output)")
      count += 1
    }
    #expect(count > 30, "only \(count) commands were run")
  }

  /// Whether a command needs no network, no installation and little time, and contains no placeholder.
  private static func canRun(_ command: DocumentedCommand) -> Bool {
    if command.text.contains("…") || command.text.contains("--update") { return false }
    return command.simpleCommands.allSatisfy { words in
      switch words[0].split(separator: "/").last {
      case "local-runner":
        switch words.dropFirst().first {
        case "start", "stripe", "sample": false
        case "worker": words.contains("--drain")
        // RunnerTests replays all events.
        case "replay": !words.contains("Events")
        // The embedded database is not for tests.
        case "database": words.contains("status") || words.contains("migrate") || words.contains("url")
        default: true
        }
      case "cp", "curl", "echo", "export", "ln", "mkdir", "analyze", "usage": true
      default: false
      }
    }
  }

  /// Replaces the addresses in a command by local ones, and the example of a key by a key that exists.
  private func local(_ text: String) -> String {
    text.replacing("https://example.com", with: siteAddress).replacing("http://localhost:8000", with: siteAddress)
      .replacing("localhost:9000", with: gatewayAddress)
      .replacing("llmtxt_0123abcd", with: "$(local-runner keys list ada@example.com | head -c 15)")
  }
}
