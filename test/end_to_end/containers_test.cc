// Workbooks, JSON documents and archives through the program: rows, conservation, duplicates,
// trace.
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <xlsxwriter.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

using testing::HasSubstr;
using testing::Not;

const char* const kProject =
    "name: containers\ncurrency: USD\ntarget: dev\n"
    "targets:\n  dev: {lake: ./lake}\n";
const char* const kHeader = "id,day,cost\n";

/// A source with the columns id, day and cost.
std::string source(const std::string& name, const std::string& config) {
  return fmt::format(
      "  - name: {}\n    config: {{amount: cost, {}}}\n    columns:\n"
      "      - {{name: id, data_type: string, constraints: [{{type: not_null}}]}}\n"
      "      - {{name: day, data_type: date}}\n"
      "      - {{name: cost, data_type: \"decimal(18,2)\"}}\n",
      name, config);
}

class Containers : public testing::Test {
 protected:
  Containers() : folder_("containers") {
    write_file(project() / "bullion.yml", kProject);
    std::filesystem::create_directories(project() / "in");
    std::filesystem::create_directories(project() / "models");
  }

  std::filesystem::path project() const { return folder_ / "p"; }
  void declare(const std::string& sources) {
    write_file(project() / "sources/all.yml", "version: 2\nsources:\n" + sources);
  }
  void pack(const std::string& name,
            const std::vector<std::pair<std::string, std::string>>& members) const {
    archive* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    archive_write_open_filename(writer, (project() / "in" / name).c_str());
    for (const auto& [member, bytes] : members) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, member.c_str());
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_entry_set_perm(entry, 0644);
      archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
      archive_write_header(writer, entry);
      archive_write_data(writer, bytes.data(), bytes.size());
      archive_entry_free(entry);
    }
    archive_write_free(writer);
  }
  Outcome run() const { return bullion(project(), {"run"}); }
  std::string value(const std::string& sql) const { return query_value(project(), sql); }

  TestFolder folder_;
};

TEST_F(Containers, LoadTheMembersOfAnArchiveAndNameTheDuplicate) {
  declare(source("bills", "files: in/*, format: csv, members: [\"*.csv\"]"));
  const std::string january = std::string(kHeader) + "a,2025-01-01,1.00\nb,2025-01-02,2.25\n";
  pack("m.zip", {{"jan.csv", january},
                 {"sub/feb.csv", std::string(kHeader) + "c,2025-02-01,bad\nd,2025-02-02,4.00\n"},
                 {"zz-copy.csv", january},
                 {"__MACOSX/._jan.csv", "junk"},
                 {"readme.txt", "not this one"}});
  const Outcome first = run();
  EXPECT_EQ(first.code, 0) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("2 files loaded, 3 rows kept, 1 quarantined"));
  EXPECT_THAT(first.out, HasSubstr("in/m.zip/zz-copy.csv holds the same bytes as "));
  EXPECT_THAT(first.out, HasSubstr("in/m.zip/sub/feb.csv:2: cost: `bad`"));
  EXPECT_EQ(value("SELECT sum(cost) AS s FROM bills"), "7.25");

  const Outcome trace = bullion(project(), {"trace", "bills", "id=d"});
  EXPECT_EQ(trace.code, 0) << trace.err;
  EXPECT_THAT(trace.out, HasSubstr("m.zip/sub/feb.csv"));
  EXPECT_THAT(trace.out, HasSubstr("d,2025-02-02,4.00"));

  // The same month again, as a file of its own.
  write_file(project() / "in/jan-again.csv", january);
  const Outcome second = run();
  EXPECT_THAT(second.out, HasSubstr("in/jan-again.csv holds the same bytes as "));
  EXPECT_THAT(second.out, HasSubstr("m.zip/jan.csv"));
  EXPECT_EQ(value("SELECT sum(cost) AS s FROM bills"), "7.25");

  EXPECT_EQ(bullion(project(), {"clean"}).code, 0);
  const Outcome verify = bullion(project(), {"verify"});
  EXPECT_EQ(verify.code, 0) << verify.out << verify.err;
}

TEST_F(Containers, RefuseABombAndGoOn) {
  declare(source("bills", "files: in/*, format: csv"));
  pack("bomb.zip", {{"zeros.csv", std::string(size_t{80} << 20, '\0')}});
  write_file(project() / "in/good.csv", std::string(kHeader) + "a,2025-01-01,1.00\n");
  const Outcome outcome = run();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("the archive unpacks to more than 250 times its"));
  EXPECT_THAT(outcome.out, HasSubstr("1 unreadable file"));
  EXPECT_EQ(value("SELECT count(*) AS n FROM bills"), "1");
}

TEST_F(Containers, LoadTheArrayOfAJsonDocument) {
  declare(source("api", "files: in/*.json, format: json, json_path: data.rows"));
  write_file(
      project() / "in/a.json",
      "{\"page\": 1, \"data\": {\"rows\": [\n"
      "{\"id\": \"a\", \"day\": \"2025-01-01\", \"cost\": 0.10},\n"
      "{\"id\": \"b\", \"cost\": \"x\"},\n{\"id\": \"c\", \"cost\": 12345678901234.56}]}}\n");
  write_file(project() / "in/cut.json", "{\"data\": {\"rows\": [{\"id\": \"z\"}, {\"id\"");
  const Outcome outcome = run();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("a.json:3: cost: `x` is not a number"));
  EXPECT_THAT(outcome.out, HasSubstr("cut.json:1: line 1: the JSON document ends in the middle"));
  EXPECT_EQ(value("SELECT sum(cost) AS s FROM api"), "12345678901234.66");
  const Outcome trace = bullion(project(), {"trace", "api", "id=c"});
  EXPECT_THAT(trace.out, HasSubstr("12345678901234.56"));
}

TEST_F(Containers, LoadTheSheetsOfAWorkbook) {
  declare(source("book",
                 "files: in/*.xlsx, format: xlsx, sheet: \"Data*\", header_within: 4, "
                 "null_words: [\"\", \"#N/A\"]"));
  lxw_workbook* book = workbook_new((project() / "in/b.xlsx").c_str());
  lxw_format* date = workbook_add_format(book);
  format_set_num_format(date, "dd/mm/yyyy");
  worksheet_write_string(workbook_add_worksheet(book, "Cover"), 0, 0, "hello", nullptr);
  for (const char* name : {"Data Jan", "Data Feb"}) {
    lxw_worksheet* sheet = workbook_add_worksheet(book, name);
    worksheet_write_string(sheet, 0, 0, "A report", nullptr);
    worksheet_write_string(sheet, 2, 0, "id", nullptr);
    worksheet_write_string(sheet, 2, 1, "cost", nullptr);
    worksheet_write_string(sheet, 2, 2, "day", nullptr);
    worksheet_write_string(sheet, 3, 0, name, nullptr);
    worksheet_write_number(sheet, 3, 1, 0.1 + 0.2, nullptr);
    lxw_datetime day{.year = 2025, .month = 1, .day = 31, .hour = 0, .min = 0, .sec = 0};
    worksheet_write_datetime(sheet, 3, 2, &day, date);
    worksheet_write_string(sheet, 4, 0, "second", nullptr);
    worksheet_write_string(sheet, 4, 1, "#N/A", nullptr);
  }
  workbook_close(book);
  const Outcome outcome = run();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 file loaded, 4 rows kept, 0 quarantined"));
  EXPECT_EQ(value("SELECT sum(cost) AS s FROM book"), "0.60");
  EXPECT_EQ(value("SELECT max(day) AS d FROM book"), "2025-01-31");
  const Outcome trace = bullion(project(), {"trace", "book", "id=Data Feb"});
  EXPECT_THAT(trace.out, HasSubstr("b.xlsx"));
  EXPECT_THAT(trace.out, HasSubstr("Data Feb!Data Feb"));
  EXPECT_THAT(trace.out, Not(HasSubstr("are not shown")));
}

}  // namespace
}  // namespace bullion::end_to_end
