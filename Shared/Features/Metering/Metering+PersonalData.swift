package import Accounts
import FoundationEssentials
import Postgres

extension Metering {
  /// The tables of meters, credits and model calls. The ledger of credits is not erased.
  package static let personalData = [
    PersonalData("meter_holds", as: "usageUnderWay") {
      """
      SELECT json_build_object('meter', meter, 'day', day::text, 'amount', amount, 'state', state,
        'endedAt', \(unsafeSQL: PersonalData.time("ended_at")))::text
      FROM meter_holds WHERE account_id = \($0) ORDER BY day, meter, hold_id
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM meter_holds WHERE account_id = \(account)")
    },
    PersonalData("meter_days", as: "usage") {
      """
      SELECT json_build_object('day', day::text, 'meter', meter, 'used', used)::text
      FROM meter_days WHERE account_id = \($0) ORDER BY day, meter
      """
    } erase: { account, transaction in
      transaction.send("DELETE FROM meter_days WHERE account_id = \(account)")
    },
    PersonalData("credit_accounts", as: "credits") {
      "SELECT json_build_object('balance', balance, 'held', held)::text FROM credit_accounts WHERE account_id = \($0)"
    },
    PersonalData("credit_lots", as: "creditLots") {
      """
      SELECT json_build_object('key', key, 'amount', amount, 'remaining', remaining, 'takenBack', taken_back,
        'expiresAt', \(unsafeSQL: PersonalData.time("expires_at")),
        'createdAt', \(unsafeSQL: PersonalData.time("created_at")))::text
      FROM credit_lots WHERE account_id = \($0) ORDER BY created_at, lot_id
      """
    },
    PersonalData("credit_entries", as: "ledger") {
      """
      SELECT json_build_object('at', \(unsafeSQL: PersonalData.time("created_at")), 'kind', kind, 'amount', amount,
        'key', key)::text
      FROM credit_entries WHERE account_id = \($0) ORDER BY created_at, entry_id
      """
    },
    PersonalData("credit_holds", as: "creditsUnderWay") {
      """
      SELECT json_build_object('amount', amount, 'state', state,
        'endedAt', \(unsafeSQL: PersonalData.time("ended_at")))::text
      FROM credit_holds WHERE account_id = \($0) ORDER BY expires_at, hold_id
      """
    },
    PersonalData("model_calls", as: "modelCalls") {
      """
      SELECT json_build_object('at', \(unsafeSQL: PersonalData.time("asked_at")), 'purpose', purpose,
        'provider', provider, 'model', model, 'outcome', outcome, 'inputTokens', input_tokens,
        'outputTokens', output_tokens, 'costMicrodollars', cost_microdollars)::text
      FROM model_calls WHERE account_id = \($0) ORDER BY asked_at, call_id
      """
    },
  ]
}
