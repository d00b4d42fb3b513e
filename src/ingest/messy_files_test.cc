// Files that others collected because readers stumble over them. They are not part of this
// repository: BULLION_SHARED_DATA names the folder that has them, else ../shared/data is tried.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/shared_data.h"
#include "ingest/parse_fixture_internal.h"
#include "ingest/typed_rows_internal.h"
#include "records/csv_reader.h"
#include "records/csv_records.h"
#include "records/header.h"

namespace bullion::ingest {
namespace {

std::filesystem::path messy_folder() { return shared_data_folder() / "messy_csv"; }

class MessyFiles : public testing::Test {
 protected:
  /// Unpacks an archive below the corpus into a folder of the test; skips loudly without it.
  void unpack(const std::string& archive) {
    const auto path = messy_folder() / archive;
    if (!std::filesystem::is_regular_file(path)) {
      GTEST_SKIP() << "\n*** SKIPPED: no " << path
                   << "; set BULLION_SHARED_DATA to the folder that has messy_csv ***\n";
    }
    const std::string command = fmt::format("tar -xJf '{}' -C '{}'", path.string(), folder_.path());
    if (std::system(command.c_str()) != 0) {
      GTEST_SKIP() << "\n*** SKIPPED: tar and xz are needed to unpack " << path << " ***\n";
    }
  }

  /// The file's own header as a contract of texts; none when the first record has no usable names.
  static project::Source source_of(std::string_view text, char delimiter) {
    project::Source source;
    source.contract.name = "messy";
    source.format.delimiter = delimiter;
    records::CsvReader reader(records::memory_byte_source(text), {.delimiter = delimiter});
    records::TableRow first;
    const auto more = reader.next(first);
    EXPECT_THAT(more, IsOk());
    std::set<std::string> names;
    for (const records::Cell& cell : first.cells) {
      if (!names.insert(records::folded_name(cell.text)).second ||
          records::folded_name(cell.text).empty())
        continue;
      source.contract.columns.push_back(
          {std::string(cell.text), {delta::TypeId::String, 0, 0, {}}, true, "{}"});
    }
    return source;
  }

  storage::TemporaryFolder folder_;
};

TEST_F(MessyFiles, LoseNoRecordWhateverTheyHold) {
  unpack("pollock_polluted/polluted_files.tar.xz");
  if (IsSkipped()) return;
  int64_t files = 0;
  int64_t records = 0;
  int64_t kept = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path())) {
    if (!entry.is_regular_file() || entry.path().extension() != ".csv") continue;
    const std::string text = contents(entry.path());
    for (const char delimiter : {',', ';'}) {
      const project::Source source = source_of(text, delimiter);
      auto opened = records::open_csv_records(records::memory_byte_source(text), source);
      ASSERT_THAT(opened, IsOk()) << entry.path();
      if (opened->fault) continue;
      ParsedFile parsed;
      TypedRows rows(*opened->reader, source, std::nullopt, parsed, [] {});
      engine::RowBatch batch;
      do {
        ASSERT_THAT(rows.next(batch), IsOk()) << entry.path();
      } while (batch.rows > 0);
      ASSERT_EQ(parsed.records, parsed.kept + static_cast<int64_t>(parsed.rejected.size()));
      // Every byte that is no line end belongs to exactly one record or to the header.
      records::CsvReader reader(records::memory_byte_source(text), {.delimiter = delimiter});
      records::TableRow record;
      size_t bytes = 0;
      int64_t count = 0;
      int64_t last_line = 0;
      while (*reader.next(record)) {
        bytes += record.raw.size();
        ++count;
        ASSERT_GT(record.line, last_line) << entry.path();
        last_line = record.line;
      }
      const auto ends =
          std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
      ASSERT_GE(bytes + static_cast<size_t>(ends), text.size()) << entry.path();
      ASSERT_LE(bytes, text.size()) << entry.path();
      ASSERT_EQ(count, parsed.records + opened->reader->excluded().count() + 1) << entry.path();
      ++files;
      records += parsed.records;
      kept += parsed.kept;
    }
  }
  EXPECT_GT(files, 2000);
  EXPECT_GT(kept, records / 2);
}

TEST_F(MessyFiles, HaveTheValuesTheirAuthorsSay) {
  unpack("csv_spectrum/csv_spectrum.tar.xz");
  if (IsSkipped()) return;
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/csvs")) {
    const auto expected = nlohmann::ordered_json::parse(
        contents(folder_.path() + "/json/" + entry.path().stem().string() + ".json"));
    const std::string text = contents(entry.path());
    records::CsvReader reader(records::memory_byte_source(text), {});
    records::TableRow record;
    ASSERT_TRUE(*reader.next(record));
    std::vector<std::string> names;
    for (const records::Cell& cell : record.cells) names.emplace_back(cell.text);
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    while (*reader.next(record)) {
      EXPECT_TRUE(record.faults.empty()) << entry.path();
      ASSERT_EQ(record.cells.size(), names.size()) << entry.path();
      auto& row = rows.emplace_back(nlohmann::ordered_json::object());
      for (size_t c = 0; c < names.size(); ++c) row[names[c]] = std::string(record.cells[c].text);
    }
    ++files;
    // The authors' own answers to these two are about other bytes than the files hold.
    const std::string name = entry.path().stem().string();
    if (name == "location_coordinates" || name == "newlines_crlf") continue;
    EXPECT_EQ(rows, expected) << entry.path();
  }
  EXPECT_EQ(files, 12);
}

}  // namespace
}  // namespace bullion::ingest
