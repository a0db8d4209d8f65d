import FoundationEssentials
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The files and commands of the Dockerfile, checked without a Docker engine.
struct ImageTests {
  private let dockerfile: String

  init() throws { dockerfile = try Products.text(of: "Dockerfile") }

  private func line(_ instruction: String) throws -> Substring {
    let last = try #require(dockerfile.split(separator: "\n").last { $0.hasPrefix(instruction + " ") })
    return last.dropFirst(instruction.count + 1)
  }

  /// The programs are in one folder, the runner is a symbolic link and runs as another user, and `PORT` sets the port.
  @Test func startCommandServesAndHealthCheckPasses() async throws {
    let root = "/tmp/llmtxt-image-\(UUID().uuidString.prefix(8))"
    let folder = root + "/usr/local/lib/llm-txt-mastery"
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: root + "/usr/local/bin", withIntermediateDirectories: true)
    for name in [
      "analyze", "checkout", "generate", "usage", "webhook", "local-runner", "llm-txt-mastery_SampleSite.resources",
    ] {
      #expect(dockerfile.contains(".build/release/" + name), "the image lacks \(name)")
      _ = try await Command("cp", ["-R", Products.path(of: name), folder]).run()
    }
    #expect(dockerfile.contains("ln -s /usr/local/lib/llm-txt-mastery/local-runner /usr/local/bin/local-runner"))
    unsafe symlink(folder + "/local-runner", root + "/usr/local/bin/local-runner")

    let database = try TestDatabase.make()
    let variables = ["DATABASE_URL": database, "FUNCTIONS_DIR": "", "PORT": "18999"]
    #expect(try line("CMD") == #"["local-runner", "start"]"#)
    #expect(try line("USER") != "root")
    let runner = root + "/usr/local/bin/local-runner"
    _ = try await Command(runner, ["database", "migrate"], environment: variables).run()
    // If the tests run as root, only the user postgres may also connect to their database.
    let started =
      geteuid() == 0
      ? try Command("runuser", ["-u", "postgres", "--", runner, "start"], environment: variables).start()
      : try Command(runner, ["start"], environment: variables).start()
    defer { started.end() }
    for _ in 0..<200 where !started.errorOutput.contains("listening on http://0.0.0.0:18999") {
      try await Task.sleep(for: .milliseconds(50))
    }

    let check = try #require(try line("HEALTHCHECK").split(separator: "CMD ").last.map(String.init))
    #expect(try await Command("sh", ["-c", check], environment: variables).run().status == 0)
    #expect(
      try await Command("sh", ["-c", check], environment: ["PORT": "18998"]).run().status == 1,
      "the check must fail if no server listens")
  }

  /// Each shared library of a program belongs to an installed package or to a dependency of one.
  @Test func imageInstallsEveryLinkedLibrary() async throws {
    let installed = dockerfile.split(separator: "FROM ").last.map(String.init) ?? ""
    let packages = [
      "libpq.so": "libpq5", "libcurl.so": "libcurl4", "libxml2.so": "libxml2", "libz.so": "zlib1g",
      "libstdc++.so": "libstdc++6",
    ]
    // libpq5 and libcurl4 depend on OpenSSL; every package depends on libc6 and libgcc-s1.
    let implied = [
      "libcrypto.so", "libssl.so", "libc.so", "libm.so", "libgcc_s.so", "ld-linux", "libdl.so", "libpthread.so",
      "libutil.so", "librt.so", "libresolv.so",
    ]
    for name in ["analyze", "checkout", "generate", "usage", "webhook", "local-runner"] {
      let needed = try await Command(
        "sh", ["-c", "objdump -p '\(Products.path(of: name))' | sed -n 's/^ *NEEDED *//p'"]
      ).run().output
      #expect(needed.contains("libc.so"))
      for library in needed.split(separator: "\n")
      where !library.hasPrefix("libswift") && !library.hasPrefix("libFoundation")
        && !library.hasPrefix("lib_Foundation")
      {
        if implied.contains(where: library.hasPrefix) || library.hasPrefix("libdispatch")
          || library.hasPrefix("libBlocks")
        {
          continue
        }
        let package = packages.first { library.hasPrefix($0.key) }?.value
        #expect(package.map(installed.contains) == true, "\(name) needs \(library)")
      }
    }
  }
}
