// Sends one notice to one channel: HTTP, SMTP (libcurl) or a line in a file.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "schedule/alerts.h"
#include "schedule/config.h"
#include "transfer/transfer.h"

namespace bullion::schedule {

using transfer::Variables;

/// Blocks up to the channel's timeout. Errors name the channel and the reason; the values of
/// variables are replaced by their names in them. Redirects are not followed.
Status send_notice(const Channel& channel, const Notice& notice, const Variables& variables);

/// The text with each ${NAME} replaced; NotFound naming the variable that is not set.
Result<std::string> resolved(const std::string& text, const Variables& variables);

/// The JSON document a webhook or Slack channel receives.
std::string body_of(const Channel& channel, const Notice& notice);
/// The text of a mail.
std::string mail_text(const Notice& notice);

}  // namespace bullion::schedule
