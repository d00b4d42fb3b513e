// Findings made by hand. For tests only.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "detect/finding.h"

namespace bullion::detect {

/// An amount of cents at the scale of money.
inline Decimal cents(int64_t count) {
  return {Int128{count} * power_of_ten(kMoneyScale - 2), kMoneyScale};
}
/// A share in ten-thousandths.
inline Decimal share(int64_t units) { return {units, kShareScale}; }

/// A finding of weight 1 about one flagged row.
inline Finding finding(const std::string& detector, const std::string& key,
                       const std::string& subject, const std::string& row, int64_t amount_cents,
                       int64_t strength = 5000, const std::string& currency = "EUR") {
  Finding made;
  made.detector = detector;
  made.key = key;
  made.severity = "medium";
  made.weight = share(10'000);
  made.strength = share(strength);
  made.subject_type = "vendor";
  made.subject_id = subject;
  made.reason = detector + " " + key;
  made.evidence_table = "lines";
  made.evidence.push_back({.row_id = row,
                           .role = Role::Flagged,
                           .occurred_on = 20'000,
                           .amount_at_risk = cents(amount_cents),
                           .currency = currency});
  return made;
}

inline Finding& also_flags(Finding& made, const std::string& row, int64_t amount_cents,
                           const std::string& currency = "EUR") {
  made.evidence.push_back({.row_id = row,
                           .role = Role::Flagged,
                           .occurred_on = 20'000,
                           .amount_at_risk = cents(amount_cents),
                           .currency = currency});
  return made;
}
inline Finding& compares(Finding& made, const std::string& row) {
  made.evidence.push_back({.row_id = row,
                           .role = Role::Compared,
                           .occurred_on = 20'000,
                           .amount_at_risk = cents(0),
                           .currency = "EUR"});
  return made;
}

/// A second later each time it is asked.
class StepClock final : public Clock {
 public:
  int64_t now_us() const override { return now_us_ += 1'000'000; }
  int64_t monotonic_us() const override { return now_us_; }
  std::string uuid() const override { return "00000000-0000-4000-8000-000000000000"; }

 private:
  mutable int64_t now_us_ = 1'750'000'000'000'000;
};

}  // namespace bullion::detect
