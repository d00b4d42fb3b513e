// The files of the Pollock benchmark (VLDB 2023), read with the parameters that it declares, scored
// by its measures: ten per file, each from 0 to 1 (success; precision, recall and F1 of the
// header's cells, of the records and of all cells, as multisets), averaged over the files, plainly
// and by the weights of its survey. The files are not part of this repository: BULLION_SHARED_DATA
// names the folder that has them, else ../shared/data is tried.
#include <cstdlib>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <zlib.h>

#include "base/result_matchers.h"
#include "base/shared_data.h"
#include "records/csv_reader.h"
#include "records/csv_records.h"
#include "storage/temporary_folder.h"

namespace bullion::ingest {
namespace {

using Row = std::vector<std::string>;

struct Table {
  Row header;
  std::vector<Row> rows;
};

std::filesystem::path pollock_folder() {
  return shared_data_folder() / "messy_csv" / "pollock_polluted";
}

/// The expected table: every cell is quoted, so the plain reader is enough.
Table clean_table(const std::string& text, bool has_header) {
  records::CsvReader reader(records::memory_byte_source(text), {});
  records::TableRow row;
  Table table;
  while (*reader.next(row)) {
    Row cells;
    for (const records::Cell& cell : row.cells) cells.emplace_back(cell.text);
    if (has_header && table.header.empty() && table.rows.empty()) {
      table.header = std::move(cells);
    } else {
      table.rows.push_back(std::move(cells));
    }
  }
  return table;
}

/// What the benchmark declares of a file, in the words of a source.
project::Source declared(const nlohmann::json& parameters) {
  project::Source source;
  source.contract.name = "pollock";
  const auto character = [&](const char* key) {
    const std::string text = parameters.at(key);
    return text.empty() ? '\0' : text[0];
  };
  project::FileFormat& format = source.format;
  const std::string delimiter = parameters.at("delimiter");
  if (!delimiter.empty()) format.delimiter = delimiter[0];
  format.trim = delimiter.size() > 1;
  format.quote = character("quotechar");
  format.escape = character("escapechar");
  format.skip_rows = parameters.at("preamble_lines");
  format.field_count = project::FieldCount::Ignore;
  const int header_lines = parameters.at("header_lines");
  format.header = header_lines > 0;
  format.header_rows = std::max(1, header_lines);
  const auto add = [&](const std::string& name) {
    source.contract.columns.push_back({name, {delta::TypeId::String, 0, 0, {}}, true, "{}"});
  };
  for (const std::string name : parameters.at("column_names")) add(name);
  if (!format.header) {
    const int columns = parameters.at("n_columns");
    for (int i = 0; i < columns; ++i) add(fmt::format("c{}", i));
  }
  return source;
}

/// What the readers hand on: kept records only, cells outside the contract behind the others.
Table read_table(const std::string& text, const project::Source& source) {
  Table table;
  auto opened = records::open_csv_records(records::memory_byte_source(text), source);
  EXPECT_THAT(opened, IsOk());
  if (!opened || opened->fault) return table;
  if (source.format.header) {
    const auto& cells = opened->reader->cell_of_column();
    for (size_t c = 0; c < cells.size(); ++c) {
      if (cells[c] >= 0) table.header.push_back(source.contract.columns[c].name);
    }
  }
  records::TextRecord record;
  while (*opened->reader->next(record)) {
    if (!record.faults.empty()) continue;
    Row& row = table.rows.emplace_back();
    for (const int cell : opened->reader->cell_of_column()) {
      const auto at = static_cast<size_t>(cell);
      row.emplace_back(at < record.cells.size() ? record.cells[at].text : std::string_view());
    }
    if (record.extra.empty()) continue;
    const auto extra = nlohmann::ordered_json::parse(record.extra);
    for (const auto& value : extra) row.push_back(value);
  }
  for (const std::string& name : opened->reader->unknown_columns()) {
    if (!name.starts_with("column_")) table.header.push_back(name);
  }
  return table;
}

/// Precision + recall + F1 of two multisets; nothing expected and nothing found is right.
template <typename T>
double score_of(const std::vector<T>& expected, const std::vector<T>& found) {
  if (expected.empty() && found.empty()) return 3;
  std::map<T, int64_t> counts;
  for (const T& item : expected) ++counts[item];
  double same = 0;
  for (const T& item : found) {
    if (counts[item]-- > 0) ++same;
  }
  const double precision = found.empty() ? 0 : same / static_cast<double>(found.size());
  const double recall = expected.empty() ? 0 : same / static_cast<double>(expected.size());
  return precision + recall + (same > 0 ? 2 * precision * recall / (precision + recall) : 0);
}

double score_of(const Table& expected, const Table& found) {
  const auto cells = [](const Table& table) {
    Row all;
    for (const Row& row : table.rows) all.insert(all.end(), row.begin(), row.end());
    return all;
  };
  return 1 + score_of(expected.header, found.header) + score_of(expected.rows, found.rows) +
         score_of(cells(expected), cells(found));
}

std::map<std::string, double> weights() {
  const gzFile file = gzopen((pollock_folder() / "pollock_weights.json.gz").c_str(), "rb");
  std::string text(size_t{1} << 20, '\0');
  const int size = gzread(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  text.resize(static_cast<size_t>(std::max(size, 0)));
  return nlohmann::json::parse(text);
}

TEST(Pollock, ReadsWhatItsAuthorsExpectWhenToldTheDialect) {
  const auto archive = pollock_folder() / "polluted_files.tar.xz";
  if (!std::filesystem::is_regular_file(archive)) {
    GTEST_SKIP() << "\n*** SKIPPED: no " << archive
                 << "; set BULLION_SHARED_DATA to the folder that has messy_csv ***\n";
  }
  const storage::TemporaryFolder folder;
  const std::string command = fmt::format("tar -xJf '{}' -C '{}'", archive.string(), folder.path());
  if (std::system(command.c_str()) != 0) {
    GTEST_SKIP() << "\n*** SKIPPED: tar and xz are needed to unpack " << archive << " ***\n";
  }
  const auto weight_of = weights();
  double sum = 0;
  double weighted = 0;
  double all_weights = 0;
  int files = 0;
  std::map<double, std::vector<std::string>> worst;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/csv")) {
    const std::string name = entry.path().filename();
    const auto parameters =
        nlohmann::json::parse(contents(folder.path() + "/parameters/" + name + "_parameters.json"));
    const project::Source source = declared(parameters);
    const double score =
        score_of(clean_table(contents(folder.path() + "/clean/" + name), source.format.header),
                 read_table(contents(entry.path()), source));
    sum += score;
    ++files;
    const auto weight = weight_of.find(name);
    if (weight != weight_of.end()) {
      weighted += score * weight->second;
      all_weights += weight->second;
    }
    if (score < 9.99) worst[score].push_back(name);
  }
  int shown = 0;
  for (const auto& [score, names] : worst) {
    if (shown++ == 12) break;
    fmt::print("{:.3f} {} files such as {}\n", score, names.size(), names.front());
  }
  fmt::print("Pollock: {} files, {:.3f} simple, {:.3f} weighted\n", files, sum / files,
             weighted / all_weights);
  EXPECT_EQ(files, 2290);
  EXPECT_GT(sum / files, 9.89);
  EXPECT_GT(weighted / all_weights, 9.77);
}

}  // namespace
}  // namespace bullion::ingest
