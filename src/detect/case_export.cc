#include "detect/case_export.h"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bullion::detect {
namespace {

using delta::DataType;
using delta::TypeId;
using engine::quote_name;
using engine::quote_text;

constexpr size_t kRowsPerStatement = 500;

struct ExportColumn {
  const char* name;
  DataType type;
  const char* description;
};

std::vector<ExportColumn> columns() {
  const DataType text{TypeId::String, 0, 0, {}};
  const DataType number{TypeId::Long, 0, 0, {}};
  const DataType time{TypeId::Timestamp, 0, 0, {}};
  const DataType money = DataType::decimal(28, kMoneyScale);
  return {
      {"rank", number, "Place in the order that was asked for"},
      {"case_id", number, "Number of the case"},
      {"state", text, "new, suppressed, assigned, confirmed, dismissed, recovered or merged"},
      {"owner", text, "Who has it"},
      {"severity", text, "The highest of its findings"},
      {"subject_type", text, "What the case is about"},
      {"subject_id", text, "Its key"},
      {"title", text, "The reason of the strongest finding"},
      {"detectors", text, "What found it"},
      {"findings", number, "How many findings the newest release has"},
      {"score", DataType::decimal(5, kShareScale), "0 to 1: how sure the findings are together"},
      {"currency", text, "Of the amounts"},
      {"at_risk", money, "Each flagged row once"},
      {"confirmed", money, "What somebody confirmed"},
      {"recovered", money, "What came back"},
      {"cleared", text, "yes: no finding is left in the newest release"},
      {"opened_at", time, "When it was opened"},
      {"changed_at", time, "When it was last changed"}};
}

/// A table of the engine, each with a name of its own.
class RowTable {
 public:
  explicit RowTable(engine::Engine& engine) : engine_(engine) {}
  RowTable(const RowTable&) = delete;
  RowTable& operator=(const RowTable&) = delete;
  ~RowTable() { static_cast<void>(engine_.execute("DROP TABLE IF EXISTS " + name_)); }

  const std::string& name() const { return name_; }

 private:
  static std::string next_name() {
    static std::atomic<int64_t> made = 0;
    return fmt::format("bullion_exported_cases_{}", ++made);
  }

  engine::Engine& engine_;
  const std::string name_ = next_name();
};

std::string time_text(int64_t at_us) {
  return fmt::format("make_timestamp({}) AT TIME ZONE 'UTC'", at_us);
}

std::string row_text(const Case& item, const CaseMoney* money, size_t rank) {
  const auto amount = [](const std::optional<Decimal>& value) {
    return value ? quote_text(to_string(*value)) : std::string("NULL");
  };
  const std::vector<std::string> cells = {
      std::to_string(rank),
      std::to_string(item.id),
      quote_text(to_string(item.state)),
      quote_text(item.owner),
      quote_text(item.severity),
      quote_text(item.subject_type),
      quote_text(item.subject_id),
      quote_text(item.title),
      quote_text(fmt::format("{}", fmt::join(item.detectors, ", "))),
      std::to_string(item.findings),
      quote_text(to_string(item.score)),
      money == nullptr ? "NULL" : quote_text(money->currency),
      money == nullptr ? "NULL" : amount(money->at_risk),
      money == nullptr ? "NULL" : amount(money->confirmed),
      money == nullptr ? "NULL" : amount(money->recovered),
      quote_text(item.cleared ? "yes" : "no"),
      time_text(item.opened_at_us),
      time_text(item.changed_at_us)};
  return fmt::format("({})", fmt::join(cells, ", "));
}

}  // namespace

Result<CaseExport> case_export(engine::Engine& engine, const std::vector<Case>& cases,
                               exports::Provenance provenance) {
  const auto table = std::make_shared<RowTable>(engine);
  exports::Request request{.table = "cases", .provenance = std::move(provenance)};
  std::vector<std::string> definitions;
  for (const ExportColumn& column : columns()) {
    request.schema.push_back(
        {.name = column.name, .type = column.type, .nullable = true, .metadata_json = "{}"});
    request.provenance.column_descriptions[column.name] = column.description;
    definitions.push_back(quote_name(column.name) + " " + engine::sql_type(column.type));
  }
  BULLION_TRY(engine.execute(
      fmt::format("CREATE TABLE {} ({})", table->name(), fmt::join(definitions, ", "))));
  std::vector<std::string> rows;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].money.empty()) rows.push_back(row_text(cases[i], nullptr, i + 1));
    for (const CaseMoney& money : cases[i].money) {
      rows.push_back(row_text(cases[i], &money, i + 1));
    }
  }
  for (size_t begin = 0; begin < rows.size(); begin += kRowsPerStatement) {
    const auto end = std::min(rows.size(), begin + kRowsPerStatement);
    BULLION_TRY(engine.execute(
        fmt::format("INSERT INTO {} VALUES {}", table->name(),
                    fmt::join(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                              rows.begin() + static_cast<std::ptrdiff_t>(end), ", "))));
  }
  request.relation_sql = "SELECT * FROM " + table->name();
  request.order_by = {"rank", "currency"};
  request.total_columns = {"at_risk", "confirmed", "recovered"};
  request.currency_column = "currency";
  request.provenance.table_rows = static_cast<int64_t>(rows.size());
  request.provenance.description = "What detectors found, and what people said about it";
  return CaseExport{.request = std::move(request), .rows = table};
}

}  // namespace bullion::detect
