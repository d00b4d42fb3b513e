// Metrics, values and dashboards as the JSON of the API (api/openapi.json); the CLI prints the
// same.
#pragma once

#include <nlohmann/json.hpp>

#include "metrics/dashboard.h"
#include "metrics/metric.h"
#include "metrics/request.h"
#include "metrics/values.h"

namespace bullion::metrics {

nlohmann::json to_json(const Filter& filter);        ///< schema Filter
nlohmann::json to_json(const Metric& metric);        ///< schema Metric
nlohmann::json to_json(const MetricValues& values);  ///< schema MetricValues
nlohmann::json to_json(const Dashboard& dashboard);  ///< schema Dashboard

}  // namespace bullion::metrics
