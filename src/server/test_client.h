// A client that may behave badly: bytes over a real socket. For tests only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace bullion::server {

class TestClient {
 public:
  explicit TestClient(int port, int receive_buffer = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    // Far above what an answer takes; a test that waits this long has failed.
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (receive_buffer > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fault = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    is_connected_ = fault == 0;
  }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient() { leave(); }

  bool is_connected() const { return is_connected_; }
  /// Closes the socket.
  void leave() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// Sends nothing more, still listens.
  void half_close() { ::shutdown(socket_, SHUT_WR); }
  /// False when the server does not take it.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  /// A GET with the headers every request has.
  bool get(std::string_view path, std::string_view headers = "") {
    return send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" +
                std::string(headers) + "\r\n");
  }
  /// Everything until the server closes, or waits for a minute.
  std::string receive_all() {
    while (receive_some()) {
    }
    return std::exchange(held_, "");
  }
  /// Everything up to and with `end`; what there is when the server closes before.
  std::string receive_until(std::string_view end) {
    size_t at = held_.find(end);
    while (at == std::string::npos && receive_some()) at = held_.find(end);
    if (at == std::string::npos) return std::exchange(held_, "");
    std::string out = held_.substr(0, at + end.size());
    held_.erase(0, out.size());
    return out;
  }
  /// One answer with a Content-Length: header and body.
  std::string receive_answer() {
    std::string out = receive_until("\r\n\r\n");
    const size_t at = out.find("Content-Length: ");
    if (at == std::string::npos) return out;
    const size_t length = std::stoul(out.substr(at + 16));
    while (held_.size() < length && receive_some()) {
    }
    out += held_.substr(0, length);
    held_.erase(0, length);
    return out;
  }

 private:
  bool receive_some() {
    std::array<char, 65536> piece{};
    const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
    if (count <= 0) return false;
    held_.append(piece.data(), static_cast<size_t>(count));
    return true;
  }

  int socket_;
  bool is_connected_ = false;
  std::string held_;
};

}  // namespace bullion::server
