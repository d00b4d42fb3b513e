#include <algorithm>
#include <array>
#include <cctype>

#include <zlib.h>

#include "base/assert.h"
#include "server/gzip_internal.h"

namespace bullion::server {
namespace {

constexpr int kLevel = 5;
constexpr int kGzipWindow = 15 + 16;  // zlib: 16 more asks for gzip's frame
constexpr size_t kPiece = 64UL * 1024;

Bytef* input_of(std::string_view bytes) {
  // zlib only reads through it; its type has no const unless ZLIB_CONST changes every declaration.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
}

std::string lower_without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
  }
  return out;
}

bool is_refused(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view weight = parameters.substr(at + 2);
  return weight.find_first_of("123456789") == std::string_view::npos;
}

}  // namespace

struct GzipStream::State {
  z_stream stream{};
  std::array<char, kPiece> out{};
};

GzipStream::GzipStream(ByteSink sink) : sink_(std::move(sink)), state_(std::make_unique<State>()) {
  const int fault =
      deflateInit2(&state_->stream, kLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  BULLION_ASSERT(fault == Z_OK);
}

GzipStream::~GzipStream() { ::deflateEnd(&state_->stream); }

Status GzipStream::pump(std::string_view bytes, int flush) {
  z_stream& stream = state_->stream;
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  int state = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(state_->out.data());
    stream.avail_out = static_cast<uInt>(state_->out.size());
    state = ::deflate(&stream, flush);
    const size_t count = state_->out.size() - stream.avail_out;
    if (count > 0) BULLION_TRY(sink_(std::string_view(state_->out.data(), count)));
  } while (stream.avail_out == 0 && state != Z_STREAM_END);
  return ok();
}

Status GzipStream::write(std::string_view bytes) {
  // avail_in is 32 bits wide.
  constexpr size_t kPart = 1UL << 30U;
  while (!bytes.empty()) {
    BULLION_TRY(pump(bytes.substr(0, kPart), Z_NO_FLUSH));
    bytes.remove_prefix(std::min(bytes.size(), kPart));
  }
  return ok();
}

Status GzipStream::finish() { return pump({}, Z_FINISH); }

std::string gzip(std::string_view bytes) {
  std::string out;
  GzipStream stream([&](std::string_view piece) {
    out.append(piece);
    return ok();
  });
  const bool good = stream.write(bytes).has_value() && stream.finish().has_value();
  BULLION_ASSERT(good);
  return out;
}

std::optional<std::string> gunzip(std::string_view bytes) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return std::nullopt;
  stream.next_in = input_of(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  std::string piece(kPiece, '\0');
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = ::inflate(&stream, Z_NO_FLUSH);
    out.append(piece, 0, piece.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (state != Z_STREAM_END) return std::nullopt;
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  const std::string text = lower_without_spaces(accept_encoding);
  std::string_view rest = text;
  bool any = false;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    const std::string_view one = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const size_t semicolon = one.find(';');
    const std::string_view name = one.substr(0, semicolon);
    const bool refused = semicolon != std::string_view::npos && is_refused(one.substr(semicolon));
    if (name == "gzip") return !refused;
    if (name == "*") any = !refused;
  }
  return any;
}

}  // namespace bullion::server
