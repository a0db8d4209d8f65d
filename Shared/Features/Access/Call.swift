package import Accounts
package import Contract

/// An authenticated request within its rate limit, with everything that a handler needs to know about it.
package struct Call: Sendable {
  package let caller: Caller
  package let request: Request
  /// The idempotency key under which the handler's result is stored; nil if the request has none.
  package let ticket: IdempotencyKeys.Ticket?

  package init(caller: Caller, request: Request, ticket: IdempotencyKeys.Ticket? = nil) {
    self.caller = caller
    self.request = request
    self.ticket = ticket
  }

  package var account: Account { caller.account }
  package var deadline: Deadline { request.deadline }
  package var log: Log { request.log }

  /// The value of a segment of the path, such as `id` in `/analyze/{id}`.
  package func parameter(_ name: String) -> String? { request.parameters[name] }

  /// The same call with an idempotency key.
  package func with(_ ticket: IdempotencyKeys.Ticket?) -> Call {
    Call(caller: caller, request: request, ticket: ticket)
  }
}

/// A request within its rate limit that needs no account, such as one for the catalog.
package struct OpenCall: Sendable {
  /// Nil if the request has no credential.
  package let caller: Caller?
  package let request: Request
  package let ticket: IdempotencyKeys.Ticket?

  package var deadline: Deadline { request.deadline }
  package var log: Log { request.log }
}
