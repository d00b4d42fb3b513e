// A lake on disk, an engine and a source to parse texts with. For tests only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "base/sha256.h"
#include "engine/duckdb/duckdb_engine.h"
#include "ingest/ingest.h"
#include "storage/temporary_folder.h"

namespace bullion::ingest {

/// The source: event_id (not null), usage_date, cost DECIMAL(18,2), currency (USD or EUR), note.
class ParseFixture : public testing::Test {
 protected:
  ParseFixture() {
    auto engine = engine::duckdb_engine({.memory_limit_bytes = 0, .threads = 1, .temp_folder = ""});
    EXPECT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    source_.contract.name = "bills";
    add_column("event_id", {delta::TypeId::String, 0, 0, {}}, false);
    add_column("usage_date", {delta::TypeId::Date, 0, 0, {}});
    add_column("cost", delta::DataType::decimal(18, 2));
    add_column("currency", {delta::TypeId::String, 0, 0, {}});
    add_column("note", {delta::TypeId::String, 0, 0, {}});
    source_.contract.accepted_values["currency"] = {"USD", "EUR"};
    source_.contract.amount_column = "cost";
    batch_.source = "bills";
    batch_.batch_id = "bills-1";
  }

  void add_column(const std::string& name, const delta::DataType& type, bool nullable = true) {
    source_.contract.columns.push_back({name, type, nullable, "{}"});
  }

  LandedFile land_text(std::string_view bytes) {
    LandedFile file;
    file.sha256 = sha256_hex(bytes);
    file.file_id = file.sha256.substr(0, 16);
    file.landed_path = "landing/bills/u/" + std::to_string(++files_) + "-file";
    file.original_path = "/in/file";
    file.size = static_cast<int64_t>(bytes.size());
    EXPECT_THAT(lake_->create(file.landed_path, bytes), IsOk());
    return file;
  }

  /// Parses and checks what must hold for any input.
  ParsedFile parse(const LandedFile& file) {
    auto parsed =
        parse_file(*lake_, *engine_, source_, batch_, file, lake_->location("tables/bronze/bills"),
                   "part-" + std::to_string(files_), {});
    EXPECT_THAT(parsed, IsOk());
    if (!parsed) return {};
    if (!parsed->unreadable) {
      EXPECT_EQ(parsed->records, parsed->kept + static_cast<int64_t>(parsed->rejected.size()));
    } else {
      EXPECT_EQ(parsed->records, 0);
      EXPECT_TRUE(parsed->staged.empty());
      EXPECT_EQ(parsed->rejected.size(), 1U);
      EXPECT_EQ(parsed->rejected.at(0).record, 0);
    }
    for (const Rejected& rejected : parsed->rejected) {
      EXPECT_FALSE(rejected.reasons.empty());
      EXPECT_EQ(rejected.reasons.size(), rejected.codes.size());
    }
    return *std::move(parsed);
  }
  ParsedFile parse_text(std::string_view bytes) { return parse(land_text(bytes)); }

  /// "code line: reason" of a file that must be unreadable.
  std::string why_unreadable(std::string_view bytes) {
    const ParsedFile parsed = parse_text(bytes);
    if (!parsed.unreadable) return "readable";
    return parsed.rejected.at(0).codes.at(0) + ": " + parsed.rejected.at(0).reasons.at(0);
  }

  /// The staged rows in the file's order, cells joined by '|', NULL spelled out.
  std::vector<std::string> staged_rows(const ParsedFile& parsed, const std::string& columns) {
    if (parsed.staged.empty()) return {};
    const std::string path = lake_->location("tables/bronze/bills/" + parsed.staged.at(0).path);
    const auto rows =
        engine_->query("SELECT " + columns + " FROM read_parquet(" + engine::quote_text(path) +
                       ", file_row_number = true) " + "ORDER BY file_row_number");
    EXPECT_THAT(rows, IsOk());
    std::vector<std::string> lines;
    for (const auto& row : rows->rows) {
      std::string line;
      for (const engine::Value& value : row) {
        line += (&value == &row.front() ? "" : "|") +
                (engine::is_null(value) ? "NULL" : engine::to_text(value));
      }
      lines.push_back(line);
    }
    return lines;
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::FileSystem> lake_ = storage::local_file_system(folder_.path());
  std::unique_ptr<engine::Engine> engine_;
  project::Source source_;
  Batch batch_;
  int files_ = 0;
};

}  // namespace bullion::ingest
