import Accounts
import Contract
import FoundationEssentials

/// A Clerk event about a user or an organisation (clerk.com/docs/guides/development/webhooks/overview, "Payload
/// structure").
struct ClerkEvent: Sendable {
  enum Change: Sendable, Equatable {
    /// The subject exists. `asOf` is the time of its state by Clerk's clock, in milliseconds since 1970.
    case present(email: Email?, asOf: Int)
    case deleted
  }

  /// The user or organisation that an event is about.
  struct Subject: Sendable {
    let kind: TokenSubject.Kind
    /// Clerk's id.
    let name: String
    let change: Change
  }

  let type: String
  /// Nil for events of other types, such as sessions and memberships, which change nothing here.
  let subject: Subject?

  /// - Throws: `invalid_request` if the body is not an event, or lacks a field that its type requires.
  init(body: [UInt8]) throws(Failure) {
    let type = try JSON.decodeInput(Envelope.self, from: body, what: "the event").type
    guard 1...100 ~= type.utf8.count else {
      throw .invalidField("type", "the event's type must have 1 to 100 bytes")
    }
    self.type = type
    let kind: TokenSubject.Kind
    switch type {
    case "user.created", "user.updated", "user.deleted": kind = .user
    case "organization.created", "organization.updated", "organization.deleted": kind = .organization
    default:
      subject = nil
      return
    }
    let object = try JSON.decodeInput(Contents.self, from: body, what: "the event").data
    if type.hasSuffix(".deleted") {
      guard object.deleted ?? true else {
        throw .invalidField("data.deleted", "a *.deleted event must have deleted: true")
      }
      subject = Subject(kind: kind, name: object.id, change: .deleted)
    } else {
      let time = max(0, object.updated_at ?? object.created_at ?? 0)
      subject = Subject(kind: kind, name: object.id, change: .present(email: object.email, asOf: time))
    }
  }

  private struct Envelope: Decodable { let type: String }
  private struct Contents: Decodable { let data: Object }

  // swift-format-ignore: AlwaysUseLowerCamelCase
  private struct Object: Decodable {
    struct Address: Decodable {
      let id: String?
      let email_address: String
    }
    let id: String
    let deleted: Bool?
    let created_at: Int?
    let updated_at: Int?
    let primary_email_address_id: String?
    let email_addresses: [Address]?

    /// The primary address, or the only one.
    var email: Email? {
      let addresses = email_addresses ?? []
      let primary =
        addresses.first { $0.id != nil && $0.id == primary_email_address_id }
        ?? (addresses.count == 1 ? addresses[0] : nil)
      return primary.flatMap { Email($0.email_address) }
    }
  }
}
