#include "transfer/transfer.h"

#include <array>

#include <fmt/format.h>

namespace bullion::transfer {
namespace {

size_t drop_bytes(char* /*bytes*/, size_t size, size_t count, void* /*context*/) {
  return size * count;
}

}  // namespace

void TextList::add(const std::string& text) {
  curl_slist* longer = curl_slist_append(list_.get(), text.c_str());
  if (longer == nullptr) return;
  static_cast<void>(list_.release());
  list_.reset(longer);
}

Result<Transfer> Transfer::open(const Target& target, const Variables& variables) {
  Transfer transfer(curl_easy_init());
  CURL* easy = transfer.handle();
  if (easy == nullptr) return internal_error("libcurl cannot start");
  const auto timeout_ms = static_cast<long>(target.timeout_us / 1000);
  curl_easy_setopt(easy, CURLOPT_URL, target.url.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, target.protocols.c_str());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop_bytes);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
  // libcurl would look at its own list alone; OpenSSL's variable is how others are given roots.
  const auto roots = variables("SSL_CERT_FILE");
  if (roots && !roots->empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, roots->c_str());
  return transfer;
}

Status Transfer::perform() {
  std::array<char, CURL_ERROR_SIZE> reason{};
  curl_easy_setopt(handle(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(handle(), CURLOPT_HTTPHEADER, headers_.get());
  const CURLcode code = curl_easy_perform(handle());
  curl_easy_setopt(handle(), CURLOPT_ERRORBUFFER, nullptr);
  if (code == CURLE_OK) return ok();
  return io_error(reason[0] != '\0' ? std::string(reason.data()) : curl_easy_strerror(code));
}

Status Transfer::post(const std::string& body) {
  curl_easy_setopt(handle(), CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(handle(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  BULLION_TRY(perform());
  long status = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return ok();
  return io_error(fmt::format("the server answered {} instead of 2xx", status));
}

}  // namespace bullion::transfer
