#include "openlineage/sender.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

namespace bullion::openlineage {
namespace {

constexpr long kTimeoutMillis = 5000;

struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

size_t drop_bytes(char* /*bytes*/, size_t size, size_t count, void* /*context*/) {
  return size * count;
}

void add(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return;
  static_cast<void>(list.release());
  list.reset(longer);
}

Status append(const std::string& path, const std::vector<std::string>& events) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  std::ofstream file(path, std::ios::app | std::ios::binary);
  for (const std::string& event : events) file << event << '\n';
  file.close();
  if (file.good()) return ok();
  return io_error(fmt::format("OpenLineage events cannot be written to {}", path));
}

Status post_one(CURL* easy, const std::array<char, CURL_ERROR_SIZE>& reason,
                const std::string& event) {
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, event.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(event.size()));
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) {
    return io_error(reason[0] != '\0' ? std::string(reason.data()) : curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200 && status < 300) return ok();
  return io_error(fmt::format("the server answered {} instead of 2xx", status));
}

Status post(const Config& config, const Variables& variables,
            const std::vector<std::string>& events) {
  const Easy easy(curl_easy_init());
  if (!easy) return internal_error("libcurl cannot start");
  std::array<char, CURL_ERROR_SIZE> reason{};
  List headers;
  add(headers, "Content-Type: application/json");
  if (!config.api_key.empty()) add(headers, "Authorization: Bearer " + config.api_key);
  curl_easy_setopt(easy.get(), CURLOPT_URL, config.url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, reason.data());
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, drop_bytes);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, kTimeoutMillis);
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, kTimeoutMillis);
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  // libcurl would look at its own list alone; OpenSSL's variable is how others are given roots.
  const auto roots = variables("SSL_CERT_FILE");
  if (roots && !roots->empty()) curl_easy_setopt(easy.get(), CURLOPT_CAINFO, roots->c_str());
  for (size_t i = 0; i < events.size(); ++i) {
    const Status posted = post_one(easy.get(), reason, events[i]);
    if (posted) continue;
    return io_error(fmt::format("{} of {} OpenLineage events were not sent to {}: {}",
                                events.size() - i, events.size(), config.url,
                                posted.error().message()));
  }
  return ok();
}

}  // namespace

Status send(const Config& config, const Variables& variables,
            const std::vector<std::string>& events) {
  const Status written = config.file.empty() ? ok() : append(config.file, events);
  const Status posted = config.url.empty() ? ok() : post(config, variables, events);
  return written ? posted : written;
}

}  // namespace bullion::openlineage
