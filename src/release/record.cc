#include "release/record.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/date.h"

namespace bullion::release {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;

Json table_to_json(const TableVersion& table) {
  Json json = {{"path", table.path},
               {"layer", table.layer},
               {"version", table.version},
               {"rows", table.rows},
               {"codeHash", table.code_hash}};
  if (!table.inputs.empty()) {
    Json& inputs = json["inputs"] = Json::object();
    for (const auto& [name, version] : table.inputs) inputs[name] = version;
  }
  if (!table.macros.empty()) json["macros"] = table.macros;
  return json;
}

TableVersion table_from_json(const Json& json) {
  TableVersion table{.path = json.at("path"),
                     .layer = json.at("layer"),
                     .version = json.at("version"),
                     .code_hash = json.at("codeHash"),
                     .rows = json.at("rows"),
                     .inputs = {},
                     .macros = {}};
  if (json.contains("inputs")) {
    for (const auto& [name, version] : json.at("inputs").items()) {
      table.inputs[name] = version.get<int64_t>();
    }
  }
  if (json.contains("macros")) json.at("macros").get_to(table.macros);
  return table;
}

Json money_to_json(const MoneyChange& money) {
  return {{"table", money.table},
          {"currency", money.currency},
          {"before", to_string(money.before)},
          {"after", to_string(money.after)},
          {"rowsBefore", money.rows_before},
          {"rowsAfter", money.rows_after}};
}

Json ledger_to_json(const Ledger& ledger) {
  return {{"model", ledger.model},
          {"amountColumn", ledger.amount_column},
          {"rowsIn", ledger.rows_in},
          {"rowsKept", ledger.rows_kept},
          {"rowsSuperseded", ledger.rows_superseded},
          {"rowsExcluded", ledger.rows_excluded},
          {"amountIn", to_string(ledger.amount_in)},
          {"amountKept", to_string(ledger.amount_kept)},
          {"amountSuperseded", to_string(ledger.amount_superseded)},
          {"amountExcluded", to_string(ledger.amount_excluded)}};
}

Json to_json(const Record& record) {
  Json json = {{"format", kFormatVersion},
               {"release", record.number},
               {"status", record.is_void ? "void" : "published"}};
  if (record.is_void) json["voidReason"] = record.void_reason;
  json["runId"] = record.run_id;
  json["user"] = record.user;
  json["project"] = record.project;
  json["bullionVersion"] = record.bullion_version;
  json["createdAt"] = format_timestamp(record.created_at_us);
  json["testsHash"] = record.tests_hash;
  json["summary"] = record.summary;
  json["changedTables"] = record.changed_tables;
  Json& tables = json["tables"] = Json::object();
  for (const auto& [name, table] : record.tables) tables[name] = table_to_json(table);
  Json& sources = json["sources"] = Json::object();
  for (const auto& [name, source] : record.sources) {
    sources[name] = {{"throughSequence", source.through_sequence},
                     {"files", source.files},
                     {"sourceHash", source.source_hash}};
  }
  Json& gates = json["gates"] = Json::array();
  for (const GateResult& gate : record.gates) {
    gates.push_back({{"name", gate.name},
                     {"table", gate.table},
                     {"status", gate.status},
                     {"failures", gate.failures}});
  }
  Json& money = json["money"] = Json::array();
  for (const MoneyChange& change : record.money) money.push_back(money_to_json(change));
  Json& ledgers = json["ledgers"] = Json::array();
  for (const Ledger& ledger : record.ledgers) ledgers.push_back(ledger_to_json(ledger));
  return json;
}

/// Amounts are texts with all their digits.
Status read_amount(const Json& object, const char* name, Decimal& amount) {
  const auto text = object.at(name).get<std::string>();
  const auto parsed = decimal_of(text);
  if (!parsed) {
    return corrupt(fmt::format("the release record has `{}` where {} is an amount", text, name));
  }
  amount = *parsed;
  return ok();
}

Status read_ledger(const Json& json, Ledger& ledger) {
  ledger.model = json.at("model");
  ledger.amount_column = json.at("amountColumn");
  ledger.rows_in = json.at("rowsIn");
  ledger.rows_kept = json.at("rowsKept");
  ledger.rows_superseded = json.at("rowsSuperseded");
  ledger.rows_excluded = json.at("rowsExcluded");
  BULLION_TRY(read_amount(json, "amountIn", ledger.amount_in));
  BULLION_TRY(read_amount(json, "amountKept", ledger.amount_kept));
  BULLION_TRY(read_amount(json, "amountSuperseded", ledger.amount_superseded));
  return read_amount(json, "amountExcluded", ledger.amount_excluded);
}

Status read_money(const Json& json, MoneyChange& money) {
  money.table = json.at("table");
  money.currency = json.at("currency");
  money.rows_before = json.at("rowsBefore");
  money.rows_after = json.at("rowsAfter");
  BULLION_TRY(read_amount(json, "before", money.before));
  return read_amount(json, "after", money.after);
}

Status read_lists(const Json& json, Record& record) {
  for (const auto& [name, table] : json.at("tables").items()) {
    record.tables[name] = table_from_json(table);
  }
  for (const auto& [name, source] : json.at("sources").items()) {
    record.sources[name] = {.through_sequence = source.at("throughSequence"),
                            .files = source.at("files"),
                            .source_hash = source.at("sourceHash")};
  }
  for (const Json& gate : json.at("gates")) {
    record.gates.push_back({.name = gate.at("name"),
                            .table = gate.at("table"),
                            .status = gate.at("status"),
                            .failures = gate.at("failures")});
  }
  for (const Json& money : json.at("money")) {
    BULLION_TRY(read_money(money, record.money.emplace_back()));
  }
  for (const Json& ledger : json.at("ledgers")) {
    BULLION_TRY(read_ledger(ledger, record.ledgers.emplace_back()));
  }
  return ok();
}

Result<Record> from_json(const Json& json) {
  Record record;
  record.number = json.at("release");
  record.is_void = json.at("status") == "void";
  record.void_reason = json.value("voidReason", "");
  record.run_id = json.at("runId");
  record.user = json.at("user");
  record.project = json.at("project");
  record.bullion_version = json.at("bullionVersion");
  record.created_at_us = parse_timestamp(json.at("createdAt").get<std::string>()).value_or(0);
  record.tests_hash = json.at("testsHash");
  record.summary = json.at("summary");
  record.changed_tables = json.at("changedTables").get<std::vector<std::string>>();
  BULLION_TRY(read_lists(json, record));
  return record;
}

/// Parses with the format check every reader needs: a newer lake is refused, not misread.
Result<Json> parse_versioned(std::string_view text, std::string_view what) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return corrupt(fmt::format("the release {} is not a JSON object", what));
  }
  const int format = json.value("format", 0);
  if (format > kFormatVersion) {
    return invalid(fmt::format(
        "the lake is of a newer format: this release {} has format {}, this program knows {}; "
        "use a newer bullion",
        what, format, kFormatVersion));
  }
  return json;
}

}  // namespace

bool Ledger::holds() const {
  if (rows_in != rows_kept + rows_superseded + rows_excluded) return false;
  const auto gone = sum_of(amount_superseded, amount_excluded);
  const auto all = gone ? sum_of(amount_kept, *gone) : std::nullopt;
  return all && same_value(*all, amount_in);
}

std::string record_to_json(const Record& record) { return to_json(record).dump(2) + "\n"; }

Result<Record> record_from_json(std::string_view text) {
  BULLION_TRY_ASSIGN(const Json json, parse_versioned(text, "record"));
  try {
    return from_json(json);
  } catch (const nlohmann::json::exception& fault) {
    return corrupt(fmt::format("the release record misses a part: {}", fault.what()));
  }
}

std::string intent_to_json(const Intent& intent) {
  Json json = {{"format", kFormatVersion}, {"record", to_json(intent.record)}};
  Json& commits = json["commits"] = Json::array();
  for (const TableCommit& commit : intent.commits) {
    commits.push_back({{"table", commit.table},
                       {"path", commit.path},
                       {"baseVersion", commit.base_version},
                       {"actions", Json::parse(delta::actions_to_json_array(commit.actions))}});
  }
  return json.dump() + "\n";
}

Result<Intent> intent_from_json(std::string_view text) {
  BULLION_TRY_ASSIGN(const Json json, parse_versioned(text, "intent"));
  try {
    Intent intent;
    BULLION_TRY_ASSIGN(intent.record, from_json(json.at("record")));
    for (const Json& part : json.at("commits")) {
      TableCommit commit{.table = part.at("table"),
                         .path = part.at("path"),
                         .base_version = part.at("baseVersion"),
                         .actions = {}};
      BULLION_TRY_ASSIGN(commit.actions, delta::actions_from_json_array(part.at("actions").dump()));
      intent.commits.push_back(std::move(commit));
    }
    return intent;
  } catch (const nlohmann::json::exception& fault) {
    return corrupt(fmt::format("the release intent misses a part: {}", fault.what()));
  }
}

}  // namespace bullion::release
