// Errors as values: every function of Bullion that can fail returns Result<T> or Status.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/assert.h"

namespace bullion {

/// Kinds map once to an exit code (cli) and later to an HTTP status (server).
enum class ErrorKind {
  Invalid,      ///< The input, project or command is wrong; the person can fix it.
  NotFound,     ///< What was named does not exist.
  Conflict,     ///< Somebody else got there first (create-if-absent, optimistic commit).
  Io,           ///< Disk, permission, network.
  Corrupt,      ///< Bytes on disk that we or others wrote are not what they must be.
  Interrupted,  ///< A time limit or the caller ended it; nothing is wrong with the data.
  Internal,     ///< Our own mistake.
};

std::string_view to_string(ErrorKind kind);

/// One failure: a kind and one message written for the person who can fix it.
class Error {
 public:
  Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }

  /// Puts "context: " before the message, on the way out.
  [[nodiscard]] Error within(std::string_view context) const {
    return Error(kind_, std::string(context) + ": " + message_);
  }

 private:
  ErrorKind kind_;
  std::string message_;
};

/// A value or an Error. Shape and names follow std::expected.
template <typename T>
class [[nodiscard]] Result {
 public:
  using ValueType = T;
  // Implicit on purpose, so that `return value;` and `return error;` both read well.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    BULLION_ASSERT(has_value());
    return std::get<0>(state_);
  }
  const T& value() const& {
    BULLION_ASSERT(has_value());
    return std::get<0>(state_);
  }
  T&& value() && {
    BULLION_ASSERT(has_value());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& {
    BULLION_ASSERT(!has_value());
    return std::get<1>(state_);
  }
  Error&& error() && {
    BULLION_ASSERT(!has_value());
    return std::get<1>(std::move(state_));
  }
  T value_or(T other) && { return has_value() ? std::get<0>(std::move(state_)) : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

/// Success or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: see Result

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    BULLION_ASSERT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

inline Status ok() { return {}; }

inline Error invalid(std::string message) { return {ErrorKind::Invalid, std::move(message)}; }
inline Error not_found(std::string message) { return {ErrorKind::NotFound, std::move(message)}; }
inline Error conflict(std::string message) { return {ErrorKind::Conflict, std::move(message)}; }
inline Error io_error(std::string message) { return {ErrorKind::Io, std::move(message)}; }
inline Error corrupt(std::string message) { return {ErrorKind::Corrupt, std::move(message)}; }
inline Error interrupted(std::string message) {
  return {ErrorKind::Interrupted, std::move(message)};
}
inline Error internal_error(std::string message) {
  return {ErrorKind::Internal, std::move(message)};
}

}  // namespace bullion

#define BULLION_CONCAT_INNER(a, b) a##b
#define BULLION_CONCAT(a, b) BULLION_CONCAT_INNER(a, b)

/// Returns the error of a Status or Result to the caller; otherwise goes on.
#define BULLION_TRY(expression)                                             \
  do {                                                                      \
    auto&& bullion_try_result = (expression);                               \
    if (!bullion_try_result.has_value()) return bullion_try_result.error(); \
  } while (false)

/// BULLION_TRY_ASSIGN(auto x, f()): declares or assigns x from f()'s value, or returns its error.
#define BULLION_TRY_ASSIGN(target, expression) \
  BULLION_TRY_ASSIGN_INNER(BULLION_CONCAT(bullion_result_, __COUNTER__), target, expression)
#define BULLION_TRY_ASSIGN_INNER(name, target, expression) \
  auto name = (expression);                                \
  if (!name.has_value()) return std::move(name).error();   \
  target = std::move(name).value()
