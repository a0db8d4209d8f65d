package import Accounts
package import Contract
import FoundationEssentials
package import Postgres

/// The one place that identifies callers: it authenticates requests, rate-limits them, applies idempotency keys, and
/// builds the ``Call`` that every handler receives.
///
/// ```swift
/// access.get("/notes/{id}", .read) { call in .json(try notes.find(call.parameter("id"), for: call.account)) }
/// access.post("/notes", NoteRequest.self, .generate) { input, call in … }
/// ```
///
/// Without a credential a request has a Free account, found by the client's network and the email in the body, if any.
/// The same email on another network has another account, because an email proves nothing. A wrong credential is
/// `unauthorized`; it is never treated as a missing one.
package struct Access: Sendable {
  package let database: Database
  package let accounts: Accounts
  package let keys: IdempotencyKeys
  private let admission: Admission
  private let tokens: TokenVerification
  private let keySet: KeySetRefresh?

  /// - Parameters:
  ///   - tokens: the issuer whose JSON Web Tokens are credentials; nil if there is none.
  ///   - fetch: fetches the issuer's key set; nil in functions that link no HTTP client, which use the stored set.
  package init(_ database: Database, tokens: TokenSettings? = nil, fetch: KeySetRefresh.Fetch? = nil) {
    self.database = database
    accounts = Accounts(database)
    keys = IdempotencyKeys(database)
    admission = Admission(database)
    self.tokens = TokenVerification(database: database, settings: tokens)
    if let tokens, let fetch { keySet = KeySetRefresh(database, tokens, fetch: fetch) } else { keySet = nil }
  }

  package static let feature = Feature(
    "access", personalData: personalData,
    purge: { database, deadline in try IdempotencyKeys(database).purge(by: deadline) })

  // MARK: Operations for a caller with an account

  /// An operation that reads something for the caller.
  ///
  /// - Parameter email: the email that a request without a credential names.
  package func get(
    _ path: String, _ endpoint: Endpoint, email: @escaping @Sendable (Request) throws -> Email? = { _ in nil },
    _ perform: @escaping @Sendable (Call) async throws -> Response
  ) -> Operation {
    Operation("GET", path) { request in
      try await admitted(endpoint, request) { account in
        try await perform(Call(caller: try caller(account, email: email(request), request), request: request))
      }
    }
  }

  /// An operation that decodes a JSON body.
  package func post<Input: CallerInput>(
    _ path: String, _ input: Input.Type, _ endpoint: Endpoint,
    _ perform: @escaping @Sendable (Input, Call) async throws -> Response
  ) -> Operation {
    Operation("POST", path) { request in
      try await admitted(endpoint, request) { account in
        let input = try JSON.decodeInput(input, from: request.event.body, what: "the body")
        let caller = try caller(account, email: input.email, request)
        return try await perform(input, Call(caller: caller, request: request))
      }
    }
  }

  // MARK: Operations without an account

  /// An operation that reads something that belongs to no account.
  package func openGet(
    _ path: String, _ endpoint: Endpoint, _ perform: @escaping @Sendable (OpenCall) async throws -> Response
  ) -> Operation {
    Operation("GET", path) { request in
      try await admitted(endpoint, request) { account in
        try await perform(OpenCall(caller: account.map { known($0, request) }, request: request, ticket: nil))
      }
    }
  }

  /// An operation that decodes a JSON body and opens no account for a caller without a credential.
  package func openPost<Input: Decodable & Sendable>(
    _ path: String, _ input: Input.Type, _ endpoint: Endpoint,
    _ perform: @escaping @Sendable (Input, OpenCall) async throws -> Response
  ) -> Operation {
    Operation("POST", path) { request in
      try await admitted(endpoint, request) { account in
        let input = try JSON.decodeInput(input, from: request.event.body, what: "the body")
        let caller = account.map { known($0, request) }
        return try await perform(input, OpenCall(caller: caller, request: request, ticket: nil))
      }
    }
  }

  // MARK: Idempotency

  /// Runs `make` once per idempotency key.
  ///
  /// - Parameters:
  ///   - repeated: answers a request whose key was used before, from the id of the stored resource.
  ///   - make: makes the resource, and finishes the ticket in the transaction that stores it. If it returns with an
  ///     unfinished ticket, the key is released.
  package func once<Made>(
    _ call: Call, repeated: (_ resource: String) throws -> Made, make: (Call) async throws -> Made
  ) async throws -> Made {
    try await keys.once(call.request, of: call.caller.source, repeated: repeated) { try await make(call.with($0)) }
  }

  /// As ``once(_:repeated:make:)`` for a call that needs no account.
  package func once<Made>(
    _ call: OpenCall, repeated: (_ resource: String) throws -> Made, make: (OpenCall) async throws -> Made
  ) async throws -> Made {
    let source = call.caller?.source ?? anonymousSource(call.request)
    return try await keys.once(call.request, of: source, repeated: repeated) {
      try await make(OpenCall(caller: call.caller, request: call.request, ticket: $0))
    }
  }

  // MARK: Callers

  /// The Free account of the client's network, which counts the use of all Free accounts of the network.
  package func networkAccount(_ call: Call) throws -> Account {
    try accounts.networkAccount(call.caller.network, by: call.deadline.instant)
  }

  /// Runs `body` with the account of the request's credential, or nil if it has none.
  func admitted(
    _ endpoint: Endpoint, _ request: Request, _ body: (Account?) async throws -> Response
  ) async throws -> Response {
    do {
      return try await body(try await admission.admit(endpoint, request) { try await account(of: request) })
    } catch let failure as Failure where failure.code == .unauthorized {
      try admission.recordUnauthorized(request)
      throw failure
    }
  }

  func caller(_ account: Account?, email: Email?, _ request: Request) throws -> Caller {
    if let account { return known(account, request) }
    let network = Accounts.network(of: request.event.sourceIP)
    let deadline = request.deadline.instant
    let anonymous =
      if request.event.isOperator {
        try accounts.operatorAccount(by: deadline)
      } else if let email {
        try accounts.freeAccount(email: email, network: network, by: deadline)
      } else {
        try accounts.networkAccount(network, by: deadline)
      }
    return Caller(account: anonymous, source: anonymousSource(request), network: network)
  }

  private func known(_ account: Account, _ request: Request) -> Caller {
    Caller(account: account, source: .account(account.id), network: Accounts.network(of: request.event.sourceIP))
  }

  private func anonymousSource(_ request: Request) -> Source {
    request.event.isOperator ? .operator : .network(Accounts.network(of: request.event.sourceIP))
  }

  /// The account of the credential in `Authorization`.
  private func account(of request: Request) async throws -> Account {
    _ = try await keySet?.refresh(for: request)
    let words = (request.event.headers["authorization"] ?? "").split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      throw Failure(.unauthorized, "write the credential as Authorization: Bearer llmtxt_…")
    }
    let credential = String(words[1])
    let deadline = request.deadline.instant
    guard TokenVerification.isToken(credential) else { return try accounts.account(key: credential, by: deadline) }
    return try accounts.account(tokenSubject: try tokens.subject(of: credential, by: deadline), by: deadline)
  }
}

/// A request body that may name an email; without a credential the email leads to a Free account.
package protocol CallerInput: Decodable, Sendable {
  var email: Email? { get }
}

extension CallerInput {
  package var email: Email? { nil }
}
