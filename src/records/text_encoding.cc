#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <iconv.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "records/text_encoding_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kDecodedBlockBytes = size_t{64} << 10;
// Places of undecodable bytes that are remembered for messages; behind that a message names none.
constexpr size_t kPlacesMax = size_t{1} << 16;

void append_character(uint32_t code, std::string& out) {
  const auto continuation = [code](unsigned shift) {
    return static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
  };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6));
    out += continuation(0);
  } else {
    out += static_cast<char>(0xE0U | (code >> 12));
    out += continuation(6);
    out += continuation(0);
  }
}

/// UTF-8 itself: only what is invalid is found, nothing is written.
class Utf8Decoder final : public TextDecoder {
 public:
  size_t decode(std::string_view input, bool at_end, std::string& /*out*/,
                std::vector<Undecodable>& bad) override {
    size_t end = input.size();
    if (!at_end) {
      // A character cut off is at most three bytes, the first of which begins it.
      for (size_t back = 1; back <= std::min<size_t>(3, input.size()); ++back) {
        const auto byte = static_cast<unsigned char>(input[input.size() - back]);
        if (byte < 0x80) break;
        if (byte < 0xC0) continue;
        const size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
        if (length > back) end = input.size() - back;
        break;
      }
    }
    std::string_view rest = input.substr(0, end);
    if (simdjson::validate_utf8(rest.data(), rest.size())) return end;
    while (!rest.empty()) {
      rest.remove_prefix(valid_utf8_prefix(rest));
      if (rest.empty()) break;
      bad.push_back({end - rest.size(), 0});
      rest.remove_prefix(1);
    }
    return end;
  }
  bool is_ascii_superset() const override { return true; }
};

/// One character for each byte; none where the table holds kNone.
class SingleByteDecoder final : public TextDecoder {
 public:
  static constexpr uint32_t kNone = 0;
  explicit SingleByteDecoder(const std::array<uint16_t, 32>& from_80) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t code = byte >= 0x80 && byte < 0xA0 ? from_80[byte - 0x80] : byte;
      if (byte == 0 || code != kNone) append_character(code, texts_[byte]);
    }
  }

  size_t decode(std::string_view input, bool /*at_end*/, std::string& out,
                std::vector<Undecodable>& bad) override {
    for (size_t i = 0; i < input.size(); ++i) {
      const std::string& text = texts_[static_cast<unsigned char>(input[i])];
      if (text.empty()) {
        bad.push_back({i, out.size()});
        out += kUndecodable;
      } else {
        out += text;
      }
    }
    return input.size();
  }
  bool is_ascii_superset() const override { return true; }

 private:
  std::array<std::string, 256> texts_;
};

/// What the system's iconv knows.
class IconvDecoder final : public TextDecoder {
 public:
  IconvDecoder(iconv_t handle, size_t unit) : handle_(handle), unit_(unit) {}
  ~IconvDecoder() override { iconv_close(handle_); }

  size_t decode(std::string_view input, bool at_end, std::string& out,
                std::vector<Undecodable>& bad) override {
    std::string text(input);  // iconv takes a pointer to what may change
    std::array<char, 4096> buffer{};
    char* from = text.data();
    size_t left = text.size();
    while (left > 0) {
      char* to = buffer.data();
      size_t room = buffer.size();
      const size_t code = iconv(handle_, &from, &left, &to, &room);
      const int reason = errno;
      out.append(buffer.data(), buffer.size() - room);
      if (code != static_cast<size_t>(-1) || reason == E2BIG) continue;
      if (reason == EINVAL && !at_end) break;
      bad.push_back({text.size() - left, out.size()});
      out += kUndecodable;
      const size_t skipped = std::min(left, unit_);
      from += skipped;
      left -= skipped;
      iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    }
    return text.size() - left;
  }

 private:
  iconv_t handle_;
  size_t unit_;  // bytes of the smallest piece of text
};

class DecodedSource final : public ByteSource {
 public:
  DecodedSource(std::unique_ptr<ByteSource> source, std::string encoding,
                std::unique_ptr<TextDecoder> decoder)
      : source_(std::move(source)),
        encoding_(std::move(encoding)),
        decoder_(std::move(decoder)),
        input_(kDecodedBlockBytes, '\0') {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    while (offset_ == text_.size()) {
      if (at_end_) return size_t{0};
      BULLION_TRY(refill());
    }
    const size_t count = std::min(capacity, text_.size() - offset_);
    std::memcpy(buffer, text_.data() + offset_, count);
    offset_ += count;
    return count;
  }

  ByteOrigin origin_of(int64_t at) const override {
    const auto found = std::lower_bound(places_.begin(), places_.end(), at,
                                        [](const std::pair<int64_t, int64_t>& place,
                                           int64_t wanted) { return place.first < wanted; });
    const bool is_known = found != places_.end() && found->first == at;
    return {encoding_, is_known ? found->second : -1};
  }

 private:
  Status refill() {
    decoded_before_ += static_cast<int64_t>(text_.size());
    text_.clear();
    offset_ = 0;
    BULLION_TRY_ASSIGN(const size_t got,
                       source_->read(input_.data() + kept_, input_.size() - kept_));
    at_end_ = got == 0;
    const size_t size = kept_ + got;
    bad_.clear();
    const size_t taken =
        decoder_->decode(std::string_view(input_).substr(0, size), at_end_, text_, bad_);
    for (const Undecodable& place : bad_) {
      if (places_.size() == kPlacesMax) break;
      places_.emplace_back(decoded_before_ + static_cast<int64_t>(place.out),
                           read_before_ + static_cast<int64_t>(place.in));
    }
    kept_ = size - taken;
    std::memmove(input_.data(), input_.data() + taken, kept_);
    read_before_ += static_cast<int64_t>(taken);
    return ok();
  }

  std::unique_ptr<ByteSource> source_;
  std::string encoding_;
  std::unique_ptr<TextDecoder> decoder_;
  std::string input_;
  size_t kept_ = 0;  // bytes at the front of input_ that begin a character
  std::string text_;
  size_t offset_ = 0;
  bool at_end_ = false;
  int64_t decoded_before_ = 0;  // bytes of text before text_
  int64_t read_before_ = 0;     // bytes of input before input_
  std::vector<Undecodable> bad_;
  std::vector<std::pair<int64_t, int64_t>> places_;  // in the text, in the input
};

bool is_ascii(std::string_view bytes) {
  uint64_t bits = 0;
  size_t at = 0;
  for (; at + sizeof(bits) <= bytes.size(); at += sizeof(bits)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof(word));
    bits |= word;
  }
  for (; at < bytes.size(); ++at) bits |= static_cast<unsigned char>(bytes[at]) & uint64_t{0x80};
  return (bits & 0x8080808080808080U) == 0;
}

/// One encoding that is tried on a whole file.
struct Trial {
  std::string encoding;
  std::unique_ptr<TextDecoder> decoder;
  std::string kept;  // bytes that begin a character
  size_t bad = 0;

  void take(std::string_view block, bool at_end) {
    if (kept.empty() && decoder->is_ascii_superset() && is_ascii(block)) return;
    kept.append(block);
    std::string text;
    std::vector<Undecodable> places;
    const size_t taken = decoder->decode(kept, at_end, text, places);
    kept.erase(0, taken);
    bad += places.size();
  }
};

}  // namespace

std::string encoding_name(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  }
  if (folded == "utf8") return "utf-8";
  if (folded == "utf16") return "utf-16";
  if (folded == "cp1252" || folded == "windows1252") return "windows-1252";
  if (folded == "latin1" || folded == "latin-1" || folded == "iso8859-1") return "iso-8859-1";
  return folded;
}

std::unique_ptr<TextDecoder> text_decoder(std::string_view encoding) {
  const std::string name = encoding_name(encoding);
  if (name == "utf-8") return std::make_unique<Utf8Decoder>();
  if (name == "windows-1252") {
    // Unicode's table CP1252.TXT; 0 where it has no character.
    static constexpr std::array<uint16_t, 32> kFrom80{
        0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    return std::make_unique<SingleByteDecoder>(kFrom80);
  }
  if (name == "iso-8859-1") {
    std::array<uint16_t, 32> controls{};
    for (size_t i = 0; i < controls.size(); ++i) controls[i] = static_cast<uint16_t>(0x80 + i);
    return std::make_unique<SingleByteDecoder>(controls);
  }
  const iconv_t handle = iconv_open("UTF-8", name.c_str());
  // NOLINTNEXTLINE: iconv_open's own error value is a pointer.
  if (handle == reinterpret_cast<iconv_t>(-1)) return nullptr;
  const size_t unit = name.starts_with("utf-16") || name.starts_with("ucs-2")   ? 2
                      : name.starts_with("utf-32") || name.starts_with("ucs-4") ? 4
                                                                                : 1;
  return std::make_unique<IconvDecoder>(handle, unit);
}

std::unique_ptr<ByteSource> decoded(std::unique_ptr<ByteSource> source, std::string encoding,
                                    std::unique_ptr<TextDecoder> decoder) {
  return std::make_unique<DecodedSource>(std::move(source), std::move(encoding),
                                         std::move(decoder));
}

Result<std::string> fitting_encoding(ByteSource& source,
                                     const std::vector<std::string>& encodings) {
  std::vector<Trial> trials;
  for (const std::string& encoding : encodings) {
    auto decoder = text_decoder(encoding);
    if (decoder == nullptr) return encoding;
    trials.push_back({encoding, std::move(decoder), "", 0});
  }
  std::string block(kDecodedBlockBytes, '\0');
  for (bool at_end = false; !at_end;) {
    BULLION_TRY_ASSIGN(const size_t got, source.read(block.data(), block.size()));
    at_end = got == 0;
    for (Trial& trial : trials) trial.take(std::string_view(block).substr(0, got), at_end);
  }
  return std::min_element(trials.begin(), trials.end(),
                          [](const Trial& a, const Trial& b) { return a.bad < b.bad; })
      ->encoding;
}

}  // namespace bullion::records
