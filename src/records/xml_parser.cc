#include <utility>

#include <expat.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "records/xml_parser_internal.h"

namespace bullion::records {
namespace {

constexpr int kChunkBytes = 64 << 10;

std::string_view without_prefix(std::string_view name) {
  const size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

std::string_view XmlAttributes::get(std::string_view name) const {
  for (const char* const* pair = pairs_; *pair != nullptr; pair += 2) {
    if (without_prefix(pair[0]) == name) return pair[1];
  }
  return "";
}

struct XmlParser::State {
  State(std::unique_ptr<ArchiveStream> given_stream, std::string given_part, int64_t given_max,
        XmlHandler& given_handler)
      : stream(std::move(given_stream)),
        part(std::move(given_part)),
        bytes_left(given_max),
        bytes_max(given_max),
        handler(given_handler),
        parser(XML_ParserCreate(nullptr)) {
    BULLION_ASSERT(parser != nullptr);
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, &State::on_start, &State::on_end);
    XML_SetCharacterDataHandler(parser, &State::on_text);
    XML_SetStartDoctypeDeclHandler(parser, &State::on_doctype);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { XML_ParserFree(parser); }

  void stop_if_asked() {
    if (!handler.problem().empty()) {
      XML_StopParser(parser, XML_FALSE);
    } else if (handler.take_pause()) {
      XML_StopParser(parser, XML_TRUE);
    }
  }
  static void on_start(void* self, const char* name, const char** attributes) {
    auto& state = *static_cast<State*>(self);
    state.handler.on_start(without_prefix(name), XmlAttributes(attributes));
    state.stop_if_asked();
  }
  static void on_end(void* self, const char* name) {
    auto& state = *static_cast<State*>(self);
    state.handler.on_end(without_prefix(name));
    state.stop_if_asked();
  }
  static void on_text(void* self, const char* text, int size) {
    auto& state = *static_cast<State*>(self);
    state.handler.on_text({text, static_cast<size_t>(size)});
    if (!state.handler.problem().empty()) XML_StopParser(state.parser, XML_FALSE);
  }
  static void on_doctype(void* self, const char*, const char*, const char*, int) {
    auto& state = *static_cast<State*>(self);
    state.has_doctype = true;
    XML_StopParser(state.parser, XML_FALSE);
  }

  Error fault() const {
    std::string reason = handler.problem();
    if (has_doctype) reason = "it declares a document type, which workbooks never do";
    if (reason.empty()) {
      reason =
          fmt::format("it is no valid XML at its line {}: {}", XML_GetCurrentLineNumber(parser),
                      XML_ErrorString(XML_GetErrorCode(parser)));
    }
    return corrupt(fmt::format("part {} of the workbook cannot be read: {}", part, reason));
  }

  Result<XML_Status> feed() {
    void* buffer = XML_GetBuffer(parser, kChunkBytes);
    if (buffer == nullptr) return fault();
    BULLION_TRY_ASSIGN(const size_t count,
                       stream->read(static_cast<char*>(buffer), size_t{kChunkBytes}));
    bytes_left -= static_cast<int64_t>(count);
    if (bytes_left < 0) {
      return corrupt(fmt::format("part {} of the workbook unpacks to more than {} MiB", part,
                                 bytes_max >> 20));
    }
    is_last = count == 0;
    return XML_ParseBuffer(parser, static_cast<int>(count), is_last ? 1 : 0);
  }

  std::unique_ptr<ArchiveStream> stream;
  std::string part;
  int64_t bytes_left;
  int64_t bytes_max;
  XmlHandler& handler;
  XML_Parser parser;
  bool is_suspended = false;
  bool is_last = false;
  bool has_doctype = false;
};

XmlParser::XmlParser(std::unique_ptr<ArchiveStream> stream, std::string part, int64_t bytes_max,
                     XmlHandler& handler)
    : state_(std::make_unique<State>(std::move(stream), std::move(part), bytes_max, handler)) {}
XmlParser::~XmlParser() = default;

Result<bool> XmlParser::run() {
  State& state = *state_;
  for (;;) {
    XML_Status status = XML_STATUS_OK;
    if (state.is_suspended) {
      state.is_suspended = false;
      status = XML_ResumeParser(state.parser);
    } else if (state.is_last) {
      return false;
    } else {
      BULLION_TRY_ASSIGN(status, state.feed());
    }
    if (status == XML_STATUS_ERROR) return state.fault();
    if (status == XML_STATUS_SUSPENDED) {
      state.is_suspended = true;
      return true;
    }
  }
}

}  // namespace bullion::records
