#include "pipeline/run_report.h"

#include <utility>

namespace bullion::pipeline {

using delta::TypeId;
using engine::Value;

StepMeter::StepMeter(const Clock& clock, std::string step, std::string table)
    : clock_(clock), started_us_(clock.monotonic_us()) {
  report_.step = std::move(step);
  report_.table = std::move(table);
  report_.usage = process_usage();
}

StepReport StepMeter::finish() const {
  StepReport report = report_;
  const ProcessUsage now = process_usage();
  report.duration_us = clock_.monotonic_us() - started_us_;
  report.usage.cpu_us = now.cpu_us - report_.usage.cpu_us;
  report.usage.read_bytes = now.read_bytes - report_.usage.read_bytes;
  report.usage.written_bytes = now.written_bytes - report_.usage.written_bytes;
  report.usage.peak_bytes = now.peak_bytes;
  return report;
}

delta::Schema steps_schema() {
  return {column("run_id", TypeId::String, false),    column("position", TypeId::Long, false),
          column("step", TypeId::String, false),      column("table_name", TypeId::String),
          column("duration_us", TypeId::Long, false), column("cpu_us", TypeId::Long, false),
          column("peak_bytes", TypeId::Long, false),  column("read_bytes", TypeId::Long, false),
          column("written_bytes", TypeId::Long),      column("files", TypeId::Long, false),
          column("rows", TypeId::Long, false),        column("amount", TypeId::String)};
}

std::vector<ValueRow> step_rows(const std::string& run_id, const std::vector<StepReport>& steps) {
  std::vector<ValueRow> rows;
  for (const StepReport& step : steps) {
    rows.push_back({run_id, static_cast<int64_t>(rows.size()) + 1, step.step,
                    step.table.empty() ? Value() : Value(step.table), step.duration_us,
                    step.usage.cpu_us, step.usage.peak_bytes, step.usage.read_bytes,
                    step.usage.written_bytes, step.files, step.rows,
                    step.amount.empty() ? Value() : Value(step.amount)});
  }
  return rows;
}

}  // namespace bullion::pipeline
