import Accounts
package import Contract

extension Access {
  /// A `POST` operation that dispatches on the body's `kind`.
  ///
  /// Each kind decodes its own request. A body without `kind` is of the kind `defaultKind`; an unknown kind is refused
  /// with the list of valid ones.
  ///
  /// - Parameters:
  ///   - repeated: answers a request whose idempotency key was used before, from the id of the stored resource.
  ///   - deliver: runs the work and turns it into a response; stores it if the route stores work.
  package func post(
    _ path: String, _ endpoint: Endpoint, default defaultKind: String, kinds: [Kind],
    repeated: @escaping @Sendable (_ resource: String, Call) throws -> Response,
    deliver: @escaping @Sendable (Kind, Call, Kind.Perform) async throws -> Response
  ) -> Operation {
    Operation("POST", path) { request in
      try await admitted(endpoint, request) { account in
        let choice = KindChoice(kinds: kinds, defaultKind: defaultKind)
        let body = try JSON.decodeInput(
          KindBody.self, from: request.event.body, what: "the body", context: [KindChoice.key: choice])
        let call = Call(caller: try caller(account, email: body.email, request), request: request)
        guard body.kind.isIdempotent else { return try await deliver(body.kind, call, body.perform) }
        return try await once(call, repeated: { try repeated($0, call) }) {
          try await deliver(body.kind, $0, body.perform)
        }
      }
    }
  }
}

/// The kinds that a body may name.
private struct KindChoice: Sendable {
  static let key = CodingUserInfoKey(rawValue: "kinds")!

  let kinds: [Kind]
  let defaultKind: String

  /// - Throws: `invalid_request` with the list of valid kinds.
  func kind(named name: String?) throws(Failure) -> Kind {
    let name = name ?? defaultKind
    if let kind = kinds.first(where: { $0.name == name }) { return kind }
    let names = kinds.map { "\"\($0.name)\"" }
    throw .invalidField("kind", "kind must be \(names.joined(separator: " or "))")
  }
}

/// A body whose kind is known, with its request decoded.
private struct KindBody: Decodable {
  let kind: Kind
  let email: Email?
  let perform: Kind.Perform

  private enum CodingKeys: String, CodingKey { case kind, email }

  init(from decoder: any Decoder) throws {
    guard let choice = decoder.userInfo[KindChoice.key] as? KindChoice else {
      throw Failure(.internal, "the decoder has no kinds in its userInfo")
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try choice.kind(named: container.decodeIfPresent(String.self, forKey: .kind))
    email = try container.decodeIfPresent(Email.self, forKey: .email)
    perform = try kind.decode(decoder)
  }
}
