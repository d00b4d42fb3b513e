// One JSON document into the texts of an array's elements, in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/byte_source.h"
#include "records/line_reader_internal.h"
#include "records/text_record.h"

namespace bullion::records {

/// Finds where values begin and end; what is inside an element is for its parser to judge. An
/// element longer than kRecordBytesMax is given as too long. Not thread-safe.
class JsonElements final : public LineSource {
 public:
  /// `path` is names of members separated by '.'; "" is the document itself.
  JsonElements(std::unique_ptr<ByteSource> source, std::string_view path,
               size_t block_bytes = size_t{256} << 10);

  /// Goes to the array, or says why there is none. Call once, before next(). Errors are the
  /// source's.
  Result<std::optional<FileFault>> find_array();

  /// The next element and the line of its first character. Corrupt when the document is no JSON
  /// from here on or ends early.
  Result<bool> next(Line& line) override;

 private:
  /// How much of a value is kept while it is passed.
  struct Kept {
    std::string* text = nullptr;
    size_t bytes_max = 0;
    bool too_long = false;
  };

  Result<std::optional<FileFault>> descend();
  Result<bool> go_to_member(const std::string& name);
  Result<std::string> take_name();
  Status take_value(Kept& kept);
  Status take_container(Kept& kept);
  Status take_text(Kept& kept);
  Status take_scalar(Kept& kept);
  Status take_rest_of_document();

  /// The next character that is no blank, not taken; -1 at the end.
  Result<int> peek();
  Status expect(char wanted, std::string_view place);
  Status fill();
  void keep(Kept& kept, size_t from, size_t to) const;
  Error malformed(std::string_view what);
  Error ended_early();

  std::unique_ptr<ByteSource> source_;
  std::vector<std::string> path_;
  std::string buffer_;
  size_t size_ = 0;
  size_t position_ = 0;
  bool at_end_ = false;
  int64_t line_ = 1;
  size_t depth_ = 0;  // objects around the array
  bool in_array_ = false;
  bool is_finished_ = false;
  int64_t elements_ = 0;
  std::string element_;
  std::vector<std::string> names_seen_;
  bool is_malformed_ = false;
};

}  // namespace bullion::records
