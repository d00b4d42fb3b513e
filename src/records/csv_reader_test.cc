#include "records/csv_reader.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/result_matchers.h"

namespace bullion::records {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::IsEmpty;

/// A record with owned texts; fields are shown as text, quoted ones between quotes.
struct Seen {
  int64_t line = 0;
  std::string raw;
  std::vector<std::string> fields;
  std::vector<std::string> codes;

  friend bool operator==(const Seen&, const Seen&) = default;
};

void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "line " << seen.line << " raw <" << seen.raw << "> fields ";
  for (const std::string& field : seen.fields) *out << '[' << field << ']';
  for (const std::string& code : seen.codes) *out << " !" << code;
}

std::vector<Seen> read_all(std::string_view text, size_t block_bytes = 4096, char delimiter = ',') {
  CsvReader reader(memory_byte_source(text), {.delimiter = delimiter}, block_bytes);
  TableRow record;
  std::vector<Seen> all;
  for (;;) {
    const auto more = reader.next(record);
    EXPECT_THAT(more, IsOk());
    if (!more || !*more) return all;
    Seen seen{record.line, std::string(record.raw), {}, {}};
    for (const Cell& cell : record.cells) {
      const std::string quote = cell.kind == CellKind::Quoted ? "\"" : "";
      seen.fields.push_back(quote + std::string(cell.text) + quote);
    }
    for (const Fault& fault : record.faults) seen.codes.emplace_back(fault.code);
    all.push_back(std::move(seen));
  }
}

TEST(CsvReader, SplitsFieldsAndLines) {
  EXPECT_THAT(read_all("a,b\n1,\n,2\n"),
              ElementsAre(Seen{1, "a,b", {"a", "b"}, {}}, Seen{2, "1,", {"1", ""}, {}},
                          Seen{3, ",2", {"", "2"}, {}}));
}

/// The fields of each record, joined; a quoted field between <>.
std::vector<std::string> fields_of(std::string_view text, const CsvDialect& dialect) {
  std::vector<std::string> first;
  for (const size_t block : {1U, 3U, 4096U}) {
    CsvReader reader(memory_byte_source(text), dialect, block);
    TableRow row;
    std::vector<std::string> all;
    while (*reader.next(row)) {
      std::string joined = std::to_string(row.line) + ": ";
      for (const Cell& cell : row.cells) {
        joined += cell.kind == CellKind::Quoted ? '<' + std::string(cell.text) + '>'
                                                : '[' + std::string(cell.text) + ']';
      }
      for (const Fault& fault : row.faults) joined += '!' + std::string(fault.code);
      all.push_back(joined);
    }
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << "with blocks of " << block;
  }
  return first;
}

TEST(CsvReader, KnowsOtherQuotesAndNone) {
  EXPECT_THAT(fields_of("'a''b','c,d'\n\"x,y\"\n", {.quote = '\''}),
              ElementsAre("1: <a'b><c,d>", "2: [\"x][y\"]"));
  EXPECT_THAT(fields_of("\"a,b\n'c\n", {.quote = '\0'}), ElementsAre("1: [\"a][b]", "2: ['c]"));
  EXPECT_THAT(fields_of("a\0,b\n"s, {.quote = '\0'}), ElementsAre("1: [a\0][b]!nul-byte"s));
}

TEST(CsvReader, KnowsEscapesInsideQuotes) {
  const CsvDialect escaped{.escape = '\\'};
  EXPECT_THAT(fields_of(R"("a\"b","c\\","d""e","f\n\\\"",\"g)"
                        "\n",
                        escaped),
              ElementsAre(R"(1: <a"b><c\><d"e><f\n\">[\"g])"));
}

TEST(CsvReader, SkipsCommentsAndLinesBeforeTheFirst) {
  EXPECT_THAT(fields_of("it's \"open\n\nx\n# no\na,#b\n#c\n\"d\n#e\"\n#",
                        {.comment = '#', .skip_lines = 3}),
              ElementsAre("5: [a][#b]", "7: <d\n#e>"));
  EXPECT_THAT(fields_of("one\rtwo\rthree", {.skip_lines = 2}), ElementsAre("3: [three]"));
  EXPECT_THAT(fields_of("one\r\ntwo\r\nthree\r\n", {.skip_lines = 1}),
              ElementsAre("2: [two]", "3: [three]"));
  EXPECT_THAT(fields_of("one\n", {.skip_lines = 9}), IsEmpty());
}

TEST(CsvReader, NeedsNoEndOfTheLastLine) {
  EXPECT_THAT(read_all("a\nb"), ElementsAre(Seen{1, "a", {"a"}, {}}, Seen{2, "b", {"b"}, {}}));
  EXPECT_THAT(read_all("a,\"b\""), ElementsAre(Seen{1, "a,\"b\"", {"a", "\"b\""}, {}}));
  EXPECT_THAT(read_all("a,"), ElementsAre(Seen{1, "a,", {"a", ""}, {}}));
}

TEST(CsvReader, TakesAnyOfTheThreeLineEnds) {
  const auto expected =
      ElementsAre(Seen{1, "a,\"b\"", {"a", "\"b\""}, {}}, Seen{2, "c,d", {"c", "d"}, {}});
  EXPECT_THAT(read_all("a,\"b\"\nc,d\n"), expected);
  EXPECT_THAT(read_all("a,\"b\"\r\nc,d\r\n"), expected);
  EXPECT_THAT(read_all("a,\"b\"\rc,d\r"), expected);
  EXPECT_THAT(read_all("a,\"b\"\rc,d"), expected);
}

TEST(CsvReader, KeepsALoneCarriageReturnInAFileOfNewlines) {
  EXPECT_THAT(read_all("a,b\nc\rd,e\n"),
              ElementsAre(Seen{1, "a,b", {"a", "b"}, {}}, Seen{2, "c\rd,e", {"c\rd", "e"}, {}}));
}

TEST(CsvReader, SkipsEmptyLinesAndStillCountsThem) {
  EXPECT_THAT(read_all("\n\r\na\n\n\nb\n\n"),
              ElementsAre(Seen{3, "a", {"a"}, {}}, Seen{6, "b", {"b"}, {}}));
  EXPECT_THAT(read_all("\"\"\n"), ElementsAre(Seen{1, "\"\"", {"\"\""}, {}}));
  EXPECT_THAT(read_all(""), IsEmpty());
}

TEST(CsvReader, NumbersLinesBehindQuotedNewlines) {
  EXPECT_THAT(read_all("\"a\nb\r\nc\",1\nd,2\n"),
              ElementsAre(Seen{1, "\"a\nb\r\nc\",1", {"\"a\nb\r\nc\"", "1"}, {}},
                          Seen{4, "d,2", {"d", "2"}, {}}));
  EXPECT_THAT(read_all("x\r\"a\rb\r\nc\"\rd\r")[2].line, 5);
}

TEST(CsvReader, ResolvesDoubledQuotes) {
  EXPECT_THAT(read_all("\"a\"\"b\",\"\"\"\",\"\"\n")[0].fields,
              ElementsAre("\"a\"b\"", "\"\"\"", "\"\""));
}

TEST(CsvReader, TakesAQuoteInsideAnUnquotedFieldAsALetter) {
  EXPECT_THAT(read_all("5\" pipe,a\"b\"\n")[0].fields, ElementsAre("5\" pipe", "a\"b\""));
}

TEST(CsvReader, SplitsAtTheDelimiterItIsGiven) {
  EXPECT_THAT(read_all("a;b,c\n", 4096, ';')[0].fields, ElementsAre("a", "b,c"));
}

TEST(CsvReader, LosesOneLineToAStrayQuote) {
  EXPECT_THAT(read_all("a,b\n\"c,d\ne,\"f\"\ng,h\n"),
              ElementsAre(Seen{1, "a,b", {"a", "b"}, {}}, Seen{2, "\"c,d", {}, {"bad-quote"}},
                          Seen{3, "e,\"f\"", {"e", "\"f\""}, {}}, Seen{4, "g,h", {"g", "h"}, {}}));
}

TEST(CsvReader, LosesOneLineToAQuoteThatNeverCloses) {
  EXPECT_THAT(read_all("a,\"b\nc,d\n\ne,f"),
              ElementsAre(Seen{1, "a,\"b", {}, {"unterminated-quote"}},
                          Seen{2, "c,d", {"c", "d"}, {}}, Seen{4, "e,f", {"e", "f"}, {}}));
}

TEST(CsvReader, RejectsALineOfTenMegabytesAlone) {
  const std::string text = "a,b\n1," + std::string(10 << 20, 'x') + "\n2,y\n";
  const auto all = read_all(text, 256 << 10);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[1].codes, ElementsAre("record-too-long"));
  EXPECT_EQ(all[1].line, 2);
  EXPECT_TRUE(all[1].raw.starts_with("1,xxx"));
  EXPECT_EQ(all[2], (Seen{3, "2,y", {"2", "y"}, {}}));
}

TEST(CsvReader, AcceptsTheLongestRecordAndNotOneByteMore) {
  const std::string longest(kRecordBytesMax, 'x');
  EXPECT_THAT(read_all(longest + "\r\nb\n", 256 << 10)[0].codes, IsEmpty());
  EXPECT_THAT(read_all(longest + "x\r\nb\n", 256 << 10)[0].codes, ElementsAre("record-too-long"));
  EXPECT_THAT(read_all(longest + "x", 256 << 10)[0].codes, ElementsAre("record-too-long"));
}

TEST(CsvReader, GoesOnBehindTheFirstLineOfAQuotedRecordThatIsTooLong) {
  std::string text = "a,\"open\n";
  for (int i = 0; i < 100'000; ++i) text += std::string(99, 'z') + "\n";
  const auto all = read_all(text, 256 << 10);
  ASSERT_EQ(all.size(), 100'001U);
  EXPECT_EQ(all[0], (Seen{1, "a,\"open", {}, {"record-too-long"}}));
  EXPECT_EQ(all[1].line, 2);
  EXPECT_EQ(all[100'000].line, 100'001);
}

TEST(CsvReader, RejectsARecordOfFiveThousandFieldsAlone) {
  const auto all = read_all("a\n" + std::string(4999, ',') + "\nb\n");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[1].codes, ElementsAre("record-too-long"));
  EXPECT_THAT(all[2].codes, IsEmpty());
  EXPECT_EQ(read_all(std::string(4095, ',') + "\n")[0].fields.size(), kColumnsMax);
}

TEST(CsvReader, RejectsRecordsWithNulBytesOrInvalidUtf8Alone) {
  const auto all = read_all("a,b\n1,\0\n2,\xFF\n3,\xC3\n4,\xC3\xA9\n"s);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_THAT(all[1].codes, ElementsAre("nul-byte"));
  EXPECT_THAT(all[2].codes, ElementsAre("invalid-utf8"));
  EXPECT_THAT(all[3].codes, ElementsAre("invalid-utf8"));
  EXPECT_THAT(all[4].codes, IsEmpty());
}

/// The rules of csv_reader_internal.h once more, a letter at a time, over the whole text.
class Oracle {
 public:
  explicit Oracle(std::string_view text) : text_(text) {
    bool in_quotes = false;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') in_quotes = !in_quotes;
      if (in_quotes || (text[i] != '\n' && text[i] != '\r')) continue;
      carriage_return_ends_ = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
      break;
    }
  }

  std::vector<Seen> read() {
    std::vector<Seen> all;
    size_t start = 0;
    int64_t line = 1;
    while (start < text_.size()) {
      Seen seen;
      seen.line = line;
      at_ = start;
      const std::string fault = record(seen);
      if (!fault.empty()) {
        seen.fields.clear();
        at_ = start;
        while (at_ < text_.size() && line_end(at_) == 0) ++at_;
        seen.raw = text_.substr(start, at_ - start);
        if (line_end(at_) == 1 && text_[at_] == '\n' && seen.raw.ends_with('\r'))
          seen.raw.pop_back();
        at_ += line_end(at_);
        seen.codes.push_back(fault);
      }
      for (size_t i = start; i < at_; i += std::max<size_t>(1, line_end(i))) {
        if (line_end(i) > 0) ++line;
      }
      start = at_;
      if (!fault.empty() || !seen.raw.empty()) all.push_back(std::move(seen));
    }
    return all;
  }

 private:
  /// Length of the line end at `i`; 0 when there is none.
  size_t line_end(size_t i) const {
    if (i >= text_.size()) return 0;
    if (text_[i] == '\n') return 1;
    if (text_[i] != '\r') return 0;
    const bool newline_follows = i + 1 < text_.size() && text_[i + 1] == '\n';
    if (carriage_return_ends_) return newline_follows ? 2 : 1;
    return newline_follows ? 2 : 0;
  }
  bool at_record_end() const {
    return at_ >= text_.size() || line_end(at_) > 0 ||
           (text_[at_] == '\r' && at_ + 1 == text_.size());
  }

  std::string record(Seen& seen) {
    const size_t start = at_;
    for (;;) {
      std::string field;
      if (at_ < text_.size() && text_[at_] == '"') {
        field = "\"";
        for (++at_;; ++at_) {
          if (at_ >= text_.size()) return "unterminated-quote";
          if (text_[at_] == '"' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
            ++at_;
          } else if (text_[at_] == '"') {
            break;
          }
          field += text_[at_];
        }
        field += '"';
        ++at_;
        if (!at_record_end() && text_[at_] != ',') return "bad-quote";
      } else {
        while (!at_record_end() && text_[at_] != ',') field += text_[at_++];
      }
      seen.fields.push_back(field);
      if (at_record_end()) break;
      ++at_;
    }
    seen.raw = text_.substr(start, at_ - start);
    at_ = at_ < text_.size() && line_end(at_) == 0 ? at_ + 1 : at_ + line_end(at_);
    return "";
  }

  std::string text_;
  bool carriage_return_ends_ = false;
  size_t at_ = 0;
};

TEST(CsvReader, AgreesWithASlowReaderOnRandomTextInBlocksOfAnySize) {
  std::mt19937 random(7);
  constexpr std::string_view kLetters = "aab,,\"\"\"\n\n\r";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const size_t length = random() % 40;
    for (size_t i = 0; i < length; ++i) text += kLetters[random() % kLetters.size()];
    const auto expected = Oracle(text).read();
    ASSERT_EQ(read_all(text), expected) << testing::PrintToString(text);
    ASSERT_EQ(read_all(text, 1 + random() % 20), expected) << testing::PrintToString(text);
  }
}

TEST(CsvReader, ReadsBackWhatARandomWriterWrote) {
  std::mt19937 random(11);
  const std::vector<std::string> words = {
      "",  "a",  "12.50", "a,b", "say \"hi\"",      "two\nlines",
      "é", "\"", "\r\n",  " x ", "\xF0\x9F\x92\xB6"};
  for (int round = 0; round < 300; ++round) {
    const std::string end = round % 2 == 0 ? "\n" : "\r\n";
    std::string text = "first" + end;
    std::vector<Seen> expected{{1, "first", {"first"}, {}}};
    int64_t line = 2;
    const size_t records = random() % 50;
    for (size_t r = 0; r < records; ++r) {
      Seen seen;
      seen.line = line;
      const size_t columns = 1 + random() % 5;
      for (size_t c = 0; c < columns; ++c) {
        const std::string& word = words[random() % words.size()];
        const bool must_quote = word.find_first_of(",\"\n\r") != std::string::npos || columns == 1;
        const bool quoted = must_quote || random() % 3 == 0;
        std::string written;
        for (const char letter : word) written += letter == '"' ? "\"\"" : std::string(1, letter);
        if (quoted) written = "\"" + written + "\"";
        seen.raw += (c == 0 ? "" : ",") + written;
        seen.fields.push_back(quoted ? "\"" + word + "\"" : word);
      }
      line += 1 + std::count(seen.raw.begin(), seen.raw.end(), '\n');
      text += seen.raw + (r + 1 == records && random() % 2 == 0 ? "" : end);
      expected.push_back(std::move(seen));
    }
    ASSERT_EQ(read_all(text, 1 + random() % 300), expected);
  }
}

}  // namespace
}  // namespace bullion::records
