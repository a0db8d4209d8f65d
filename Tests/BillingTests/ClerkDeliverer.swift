import Contract
import Cryptography
import FoundationEssentials
import Metering
import Postgres

@testable import Billing

/// A webhook event of Clerk, in the documented form.
struct ClerkDelivery: Sendable {
  let id: String
  let type: String
  let data: String

  var body: String {
    #"""
    {"data":\#(data),"event_attributes":{},"instance_id":"ins_1","object":"event","timestamp":1654012591835,
    "type":"\#(type)"}
    """#
  }

  static func user(
    _ name: String, _ email: String?, at time: Int, id: String = UUID().uuidString, type: String = "user.updated"
  ) -> ClerkDelivery {
    let address = email.map {
      #"{"id":"idn_1","object":"email_address","email_address":"\#($0)","verification":{"status":"verified"}}"#
    }
    let others = #"{"id":"idn_2","object":"email_address","email_address":"other@example.com"}"#
    // Without a primary address there are two others, because a single address counts as the primary one.
    let addresses = [others, address ?? others].joined(separator: ",")
    let data =
      #"""
      {"id":"\#(name)","object":"user","first_name":"Ada",
      "primary_email_address_id":\#(address == nil ? "null" : "\"idn_1\""),
      "email_addresses":[\#(addresses)],
      "created_at":1,"updated_at":\#(time)}
      """#
    return ClerkDelivery(id: id, type: type, data: data)
  }

  static func organization(
    _ name: String, at time: Int, id: String = UUID().uuidString, type: String = "organization.updated"
  ) -> ClerkDelivery {
    ClerkDelivery(
      id: id, type: type,
      data:
        #"{"id":"\#(name)","object":"organization","name":"Acme","slug":"acme","created_at":1,"updated_at":\#(time)}"#)
  }

  static func deleted(_ name: String, id: String = UUID().uuidString) -> ClerkDelivery {
    let kind = name.hasPrefix("org_") ? "organization" : "user"
    return ClerkDelivery(
      id: id, type: "\(kind).deleted", data: #"{"deleted":true,"id":"\#(name)","object":"\#(kind)"}"#)
  }
}

/// Delivers signed events like Clerk, without HTTP.
struct ClerkDeliverer: Sendable {
  static let issuer = "https://clerk.example"
  static let secrets = ["whsec_b2xk", "whsec_bmV3"]
  static let environment = ["CLERK_WEBHOOK_SECRET": secrets.joined(separator: ","), "JWT_ISSUER": issuer]
  private let webhook: ClerkWebhook

  init(url: String, _ environment: [String: String] = environment) {
    webhook = ClerkWebhook(
      database: Database(url: url), settings: ClerkSettings(Environment(environment)),
      data: Metering.personalData + Billing.personalData)
  }

  /// Delivers a body and returns the outcome.
  ///
  /// - Parameter headers: nil for valid headers.
  func outcome(of body: String, id: String, headers: [String: String]? = nil, by deadline: ContinuousClock.Instant)
    throws
    -> String
  {
    let signed = try StandardWebhook.sign(
      Array(body.utf8), id: id, timestamp: Int(Date().timeIntervalSince1970), secret: Self.secrets[1])
    let event = Event(method: "POST", rawPath: "/webhook/clerk", headers: headers ?? signed, body: Array(body.utf8))
    return try webhook.process(event, by: deadline).outcome.rawValue
  }

  @discardableResult
  func outcome(of delivery: ClerkDelivery, by deadline: ContinuousClock.Instant) throws -> String {
    try outcome(of: delivery.body, id: delivery.id, by: deadline)
  }
}
